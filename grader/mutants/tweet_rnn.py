"""Known mistakes in exercise `tweet_rnn`."""

from grader.mutants import Mutant
from grader.mutants.loops import LOOP_MUTANTS

PAD = "    return pad_sequence(list(tweets), batch_first=True), torch.tensor([len(tweet) for tweet in tweets])\n"
RANGE = "    if ((lengths < 1) | (lengths > out.shape[1])).any():\n"
SHUFFLED = "            for rows in torch.randperm(len(labels)).split(self.batch_size):\n"
ORDER = "        for number in torch.randperm(len(batches)).tolist():\n"

MUTANTS = [
    # recurrent layers
    Mutant("no_batch_dimension", [("tweet = tweet.unsqueeze(0).to(_device_of(rnn_layer))", "tweet = tweet.to(_device_of(rnn_layer))"), ("new_zeros(1, 1, rnn_layer.hidden_size)", "new_zeros(1, rnn_layer.hidden_size)")],
           "the batch dimension is not added", "test_rnn_outputs"),
    Mutant("words_as_a_batch", [("tweet.unsqueeze(0).to(", "tweet.unsqueeze(1).to("), ("new_zeros(1, 1, rnn_layer.hidden_size)", "new_zeros(1, len(tweet), rnn_layer.hidden_size)")],
           "each word is made a tweet of its own", "test_rnn_outputs"),
    Mutant("state_ignored", [("    if hidden is None:\n        hidden = tweet", "    if True:\n        hidden = tweet")],
           "a state that is given is not used", "test_rnn_outputs"),
    Mutant("state_of_ones", [("tweet.new_zeros(1, 1,", "tweet.new_ones(1, 1,")], "the layer starts from ones and not from zeros", "test_rnn_outputs"),
    Mutant("random_state", [("tweet.new_zeros(1, 1, rnn_layer.hidden_size)", "torch.randn(1, 1, rnn_layer.hidden_size)")], "the layer starts from a random state", "test_rnn_outputs"),
    Mutant("last_output_only", [("    return out, last_hidden\n", "    return out[:, -1], last_hidden\n")], "only the last output is returned", "test_rnn_outputs"),
    # networks
    Mutant("embedding_trained", [("vectors.vectors, freeze=True)", "vectors.vectors, freeze=False)")], "the embedding is not frozen", "test_the_parameters"),
    Mutant("embedding_random", [("nn.Embedding.from_pretrained(vectors.vectors, freeze=True)", "nn.Embedding(*vectors.vectors.shape).requires_grad_(False)")],
           "the embedding is random and does not hold the vectors", "test_the_parameters"),
    Mutant("everything_frozen", [("        self.fc = nn.Linear(hidden_size, num_classes)\n", "        self.fc = nn.Linear(hidden_size, num_classes)\n        self.rnn.requires_grad_(False)\n")],
           "the recurrent layer is frozen too", "test_the_parameters"),
    Mutant("lstm_is_an_rnn", [("    recurrent = nn.LSTM\n", "    recurrent = nn.RNN\n")], "TweetLSTM has an nn.RNN", "test_the_parameters"),
    Mutant("two_layers", [("self.recurrent(input_size, hidden_size, batch_first=True)", "self.recurrent(input_size, hidden_size, 2, batch_first=True)")], "the recurrent layer has two layers", "test_the_parameters"),
    Mutant("hidden_as_wide_as_the_input", [("self.recurrent(input_size, hidden_size, batch_first=True)", "self.recurrent(input_size, input_size, batch_first=True)"), ("nn.Linear(hidden_size, num_classes)", "nn.Linear(input_size, num_classes)")],
           "hidden_size is ignored", "test_the_parameters"),
    Mutant("words_and_not_rows", [("from_pretrained(vectors.vectors, freeze=True)", "from_pretrained(torch.stack([vectors[w] for w in vectors.itos]), freeze=True)")],
           "more of vectors is used than its table", "test_the_parameters"),
    Mutant("vectors_scaled", [("from_pretrained(vectors.vectors, freeze=True)", "from_pretrained(vectors.vectors.div_(vectors.vectors.norm()), freeze=True)")],
           "the caller's table is changed", "test_the_parameters"),
    Mutant("time_first", [("hidden_size, batch_first=True)\n        self.fc", "hidden_size)\n        self.fc")], "batch_first is not set", "test_the_forward_pass"),
    Mutant("all_steps", [("self.fc(out[:, -1])", "self.fc(out)")], "logits are given for each word", "test_the_shapes"),
    Mutant("first_step", [("self.fc(out[:, -1])", "self.fc(out[:, 0])")], "the output after the first word is classified", "test_the_forward_pass"),
    Mutant("mean_of_the_steps", [("self.fc(out[:, -1])", "self.fc(out.mean(dim=1))")], "the mean of the outputs is classified", "test_the_forward_pass"),
    Mutant("last_tweet", [("self.fc(out[:, -1])", "self.fc(out[-1].mean(0, keepdim=True).expand(len(x), -1))")], "the outputs of the last tweet are classified", "test_the_forward_pass"),
    Mutant("softmax", [("self.fc(out[:, -1])", "self.fc(out[:, -1]).softmax(dim=1)")], "a softmax stands at the end", "test_the_forward_pass"),
    Mutant("state_kept", [("        out, _ = self.rnn(self.emb(x))  #", "        state = getattr(self, 'state', None)\n        out, self.state = self.rnn(self.emb(x), state if len(x) == 3 else None)  #")],
           "a state is kept from call to call", "test_the_forward_pass"),
    # words and padding
    Mutant("not_in_lower_case", [("text.lower().split()", "text.split()")], "words are looked up as they are written", "test_tweet_indices"),
    Mutant("unknown_words_are_zero", [("[stoi[word] for word in words if word in stoi]", "[stoi.get(word, 0) for word in words]")], "an unknown word gets the index 0", "test_tweet_indices"),
    Mutant("each_word_once", [("text.lower().split()", "dict.fromkeys(text.lower().split())")], "a word that comes twice counts once", "test_tweet_indices"),
    Mutant("floats_where_empty", [("if word in stoi], dtype=torch.long)", "if word in stoi])")], "the indices of no words are floats", "test_tweet_indices"),
    Mutant("padded_in_front", [(PAD, PAD.replace("pad_sequence(list(tweets), batch_first=True)", "pad_sequence([t.flip(0) for t in tweets], batch_first=True).flip(1)"))], "padding stands before a tweet", "test_pad_batch"),
    Mutant("padded_time_first", [(PAD, PAD.replace(", batch_first=True)", ")"))], "the padded tensor is (Lmax, B)", "test_pad_batch"),
    Mutant("cut_to_the_shortest", [(PAD, "    shortest = min(map(len, tweets))\n    return torch.stack([t[:shortest] for t in tweets]), torch.tensor([len(tweet) for tweet in tweets])\n")], "longer tweets are cut", "test_pad_batch"),
    Mutant("padded_lengths", [(PAD, PAD.replace("[len(tweet) for tweet in tweets]", "[max(map(len, tweets))] * len(tweets)"))], "lengths holds the padded length for all", "test_pad_batch"),
    Mutant("sorted_by_length", [(PAD, "    tweets = sorted(tweets, key=len, reverse=True)\n" + PAD)], "the tweets are sorted by length", "test_pad_batch"),
    Mutant("lengths_as_floats", [(PAD, PAD.replace("for tweet in tweets])", "for tweet in tweets]).float()"))], "lengths are floats", "test_pad_batch"),
    Mutant("last_step_of_all", [("out[torch.arange(len(out)), lengths - 1]", "out[:, -1]")], "the last step of the padded sequences is taken", "test_last_outputs"),
    Mutant("one_step_late", [("out[torch.arange(len(out)), lengths - 1]", "out[torch.arange(len(out)), lengths % out.shape[1]]")], "the output one step too late is taken", "test_last_outputs"),
    Mutant("every_pair", [("out[torch.arange(len(out)), lengths - 1]", "out[:, lengths - 1]")], "every sequence is read at every length", "test_last_outputs"),
    Mutant("squeezed", [("out[torch.arange(len(out)), lengths - 1]", "out[torch.arange(len(out)), lengths - 1].squeeze()")], "a batch of one loses its dimension", "test_last_outputs"),
    Mutant("length_zero_counts_from_the_end", [(RANGE, "    if (lengths > out.shape[1]).any():\n")], "a length below 1 counts from the end", "test_lengths_outside_raise"),
    Mutant("lengths_clamped", [(RANGE, "    lengths = lengths.clamp(1, out.shape[1])\n    if False:\n")], "a length outside is moved to the nearest inside", "test_lengths_outside_raise"),
    Mutant("last_word_that_is_not_zero", [("out[torch.arange(len(out)), lengths - 1]", "out[torch.arange(len(out)), lengths - 1] if out.shape[-1] != 6 else out[torch.arange(len(out)), (lengths - 1).clamp(max=3)]")],
           "steps after the fourth are not reached", "test_padding_never_changes_an_output"),
    # batches
    Mutant("lengths_mixed", [("by_length[len(words)]", "by_length[0]"), ("(torch.stack([words for words, _ in group])", "(pad_sequence([words for words, _ in group], batch_first=True)")],
           "tweets of different lengths are padded into one batch", "test_every_tweet_once"),
    Mutant("always_drops_the_last", [("if len(rows) == self.batch_size or not self.drop_last:", "if len(rows) == self.batch_size:")], "incomplete batches are always left out", "test_every_tweet_once"),
    Mutant("never_drops_the_last", [("if len(rows) == self.batch_size or not self.drop_last:", "if True:")], "drop_last is ignored", "test_drop_last"),
    Mutant("len_of_the_tweets", [("        return whole if self.drop_last else whole + rest\n", "        return sum(len(labels) for _, labels in self.groups)\n")], "len() is the number of tweets", "test_every_tweet_once"),
    Mutant("len_as_if_mixed", [("        return whole if self.drop_last else whole + rest\n", "        return -(-sum(len(labels) for _, labels in self.groups) // self.batch_size)\n")], "len() is worked out as if lengths could mix", "test_every_tweet_once"),
    Mutant("len_without_drop_last", [("        return whole if self.drop_last else whole + rest\n", "        return whole + rest\n")], "len() counts batches that drop_last leaves out", "test_drop_last"),
    Mutant("one_loop_only", [("        batches = []\n", "        if hasattr(self, 'used'):\n            return\n        self.used = True\n        batches = []\n")], "it can be looped over only once", "test_every_tweet_once"),
    Mutant("tweets_drawn_with_replacement", [("torch.randperm(len(labels)).split", "torch.randint(len(labels), (len(labels),)).split")], "tweets are drawn with replacement", "test_every_tweet_once"),
    Mutant("batch_size_of_64", [("batch_size: int = 32, drop_last", "batch_size: int = 64, drop_last")], "the default of batch_size is 64", "test_every_tweet_once"),
    Mutant("labels_as_floats", [("torch.tensor([label for _, label in group]))", "torch.tensor([float(label) for _, label in group]))")], "the labels are floats", "test_every_tweet_once"),
    Mutant("tweets_in_order", [(SHUFFLED, SHUFFLED.replace("randperm", "arange"))], "the tweets of a length are not shuffled", "test_batches_in_random_order"),
    Mutant("lengths_in_order", [(ORDER, "        for number in range(len(batches)):\n")], "the lengths come in the same order in each loop", "test_batches_in_random_order"),
    Mutant("pythons_random", [(ORDER, "        import random\n\n        for number in random.sample(range(len(batches)), len(batches)):\n")], "the order comes from Python's random", "test_batches_in_random_order"),
    Mutant("shuffled_once", [(SHUFFLED, "            if not hasattr(self, 'orders'):\n                self.orders = {}\n            for rows in self.orders.setdefault(words.shape[1], torch.randperm(len(labels))).split(self.batch_size):\n")],
           "the tweets are shuffled once and not anew in each loop", "test_batches_in_random_order"),
    Mutant("a_seed_of_its_own", [("        batches = []\n", "        torch.manual_seed(0)\n        batches = []\n")], "the batcher sets a seed", "test_batches_in_random_order"),
    Mutant("batch_size_unchecked", [('        _check_count("batch_size", batch_size, at_least=1)\n', "")], "batch_size is not checked", "test_bad_batch_sizes_raise"),
    # training
    Mutant("the_batch_changed_in_place", [("            logits = model(inputs.to(device))", "            inputs.clamp_(max=7)\n            logits = model(inputs.to(device))")], "the batches are changed in place", "test_the_batches_stay"),
    Mutant("embedding_thawed", [("    optimizer = torch", "    for parameter in model.parameters():\n        parameter.requires_grad_()\n    optimizer = torch")], "the trainer makes every parameter trainable, the embedding too", "test_the_embedding_stays"),
    Mutant("tweet_stays_on_the_cpu", [("tweet.unsqueeze(0).to(_device_of(rnn_layer))", "tweet.unsqueeze(0)")], "the tweet stays on the CPU while the layer is on the GPU", "test_networks_on_a_cuda_device"),
    Mutant("state_made_on_the_cpu", [("        out, _ = self.rnn(self.emb(x))  #", "        h0 = torch.zeros(1, len(x), self.rnn.hidden_size)\n        out, _ = self.rnn(self.emb(x), h0 if isinstance(self.rnn, nn.RNN) else (h0, h0))  #")],
           "the state of zeros is made on the CPU", "test_networks_on_a_cuda_device"),
    *LOOP_MUTANTS,
]  # fmt: skip
