"""Known mistakes in exercise `text_generator_cuda`."""

from grader.mutants import Mutant

SORT = "    order.sort(key=lambda number: -len(sequences[number]))  # stable: equal lengths stay mixed\n"
CLEAR = "            optimizer.zero_grad()\n"
STEP = "            optimizer.step()\n"
LOSS = "            loss = nn.functional.cross_entropy(logits[targets], padded[:, 1:][targets])\n"
ALL = "            loss = nn.functional.cross_entropy(logits.flatten(0, 1), padded[:, 1:].flatten()"
RESTORE = "            module.training = mode\n"
READ = "                token = torch.multinomial(chances, 1, generator=generator).view(1, 1)\n"
MOVE_TO_TRAIN = "    model.to(device)\n    optimizer"
MOVE_TO_DRAW = "    model.to(device)\n    modes"

MUTANTS = [
    # batches
    Mutant("not_sorted", [(SORT, "")], "the sequences are not sorted by length", "test_the_batches"),
    Mutant("rising_lengths", [(SORT, SORT.replace("-len(", "len("))], "the shortest sequence comes first in a batch", "test_the_batches"),
    Mutant("sorted_in_the_batch_only", [(SORT, ""), ("        chosen = [sequences[number] for number in batches[place]]\n", "        chosen = sorted((sequences[number] for number in batches[place]), key=len, reverse=True)\n")],
           "sequences are sorted within each batch only, so that batches mix all lengths", "test_the_batches"),
    Mutant("padded_in_front", [("padded = pad_sequence(chosen, batch_first=True, padding_value=pad_value)", "padded = pad_sequence([one.flip(0) for one in chosen], batch_first=True, padding_value=pad_value).flip(1)")],
           "padding stands before a sequence", "test_the_batches"),
    Mutant("padded_with_zeros", [(", batch_first=True, padding_value=pad_value)", ", batch_first=True)")], "pad_value is ignored", "test_the_batches"),
    Mutant("padded_time_first", [("pad_sequence(chosen, batch_first=True,", "pad_sequence(chosen, batch_first=False,")], "padded is (L, B)", "test_the_batches"),
    Mutant("lengths_of_the_targets", [("torch.tensor([len(tokens) for tokens in chosen])", "torch.tensor([len(tokens) - 1 for tokens in chosen])")], "lengths are one too small", "test_the_batches"),
    Mutant("lengths_without_pad_values", [("torch.tensor([len(tokens) for tokens in chosen])", "(padded != pad_value).sum(dim=1)")], "lengths counts what is not pad_value, although that may be a real token", "test_the_batches"),
    Mutant("padded_to_the_longest_of_all", [("pad_sequence(chosen, batch_first=True, padding_value=pad_value)", "pad_sequence([max(sequences, key=len), *chosen], batch_first=True, padding_value=pad_value)[1:]")], "each batch is padded to the longest sequence of all", "test_the_batches"),
    Mutant("last_batch_dropped", [("range(0, count, batch_size)", "range(0, count - batch_size + 1, batch_size)")], "the smaller batch is left out", "test_the_batches"),
    Mutant("one_batch_a_length", [("    batches = [order[start : start + batch_size] for start in range(0, count, batch_size)]\n", "    lengths = sorted({len(s) for s in sequences})\n    groups = [[n for n in order if len(sequences[n]) == length] for length in lengths]\n    batches = [g[k : k + batch_size] for g in groups for k in range(0, len(g), batch_size)]\n")],
           "lengths never meet in a batch, so that several are not full", "test_the_batches"),
    Mutant("lists_for_lengths", [("torch.tensor([len(tokens) for tokens in chosen])", "[len(tokens) for tokens in chosen]")], "lengths is a list and not a tensor", "test_the_batches"),
    Mutant("twenty_at_most", [("    count = len(sequences)\n", "    count = min(len(sequences), 20)\n")], "sequences after the twentieth are left out", "test_any_batches"),
    Mutant("batches_in_order", [("torch.randperm(len(batches), generator=generator).tolist() if shuffle else", "")], "the batches come in order of length", "test_batches_in_random_order"),
    Mutant("equal_lengths_in_order", [("torch.randperm(count, generator=generator).tolist() if shuffle else", "")], "sequences of equal length are always in the same batches", "test_batches_in_random_order"),
    Mutant("callers_list_sorted", [("    count = len(sequences)\n", "    count = len(sequences)\n    sequences.sort(key=len)\n")], "the caller's list is sorted in place", "test_batches_in_random_order"),
    Mutant("generator_ignored", [("torch.randperm(count, generator=generator)", "torch.randperm(count)")], "generator is not used for the sequences", "test_the_generator_of_the_batches"),
    Mutant("generator_for_half", [("torch.randperm(len(batches), generator=generator)", "torch.randperm(len(batches))")], "generator is not used for the batches", "test_the_generator_of_the_batches"),
    Mutant("fixed_seed", [("    count = len(sequences)\n", "    generator = generator or torch.Generator().manual_seed(0)\n    count = len(sequences)\n")], "without a generator, a seed of its own is used", "test_the_generator_of_the_batches"),
    Mutant("batching_unchecked", [("    _check_batching(sequences, batch_size, pad_value)\n    count", "    count")], "the arguments of bucket_batches are not checked", "test_bad_batching_raises"),
    Mutant("pad_value_unchecked", [("    if not isinstance(pad_value, int):\n", "    if False:\n")], "pad_value is not checked", "test_bad_batching_raises"),
    # training
    Mutant("padding_learnt", [(LOSS, ALL + ")\n")], "padded places count in the loss", "test_steps_on_one_batch"),
    Mutant("padding_by_value", [(LOSS, "            loss = nn.functional.cross_entropy(logits.flatten(0, 1), given[:, 1:].flatten(), ignore_index=pad_value)\n"), ("            padded = padded.where(real, 0)", "            given = padded.to(device)\n            padded = padded.where(real, 0)")],
           "whatever equals pad_value is left out of the loss, real tokens too", "test_any_pad_value"),
    Mutant("padding_read_as_tokens", [("            padded = padded.where(real, 0).to(device)  #", "            padded = padded.to(device)  #")], "pad_value is read as a token, although it may be none", "test_steps_on_one_batch"),
    Mutant("mean_of_the_sequences_means", [(LOSS, "            losses_of = [nn.functional.cross_entropy(l[t], p[t]) for l, t, p in zip(logits, targets, padded[:, 1:])]\n            loss = torch.stack(losses_of).mean()\n")],
           "each sequence's mean counts the same, however long it is", "test_steps_on_one_batch"),
    Mutant("end_never_learnt", [("            targets = real[:, 1:].to(device)\n", "            targets = (torch.arange(1, padded.shape[1]) < lengths[:, None] - 1).to(device)\n")], "the last token of each sequence does not count", "test_steps_on_one_batch"),
    Mutant("no_shift", [("padded[:, 1:][targets]", "padded[:, :-1][targets]")], "the token that was read is taken for the target", "test_steps_on_one_batch"),
    Mutant("gradients_never_cleared", [(CLEAR, "")], "gradients are never cleared", "test_steps_on_one_batch"),
    Mutant("gradients_cleared_after_the_step", [(CLEAR, ""), (STEP, STEP + CLEAR)], "gradients are cleared after the step only", "test_old_gradients_do_not_count"),
    Mutant("a_new_optimizer_each_epoch", [("        model.train()\n", "        model.train()\n        optimizer = torch.optim.Adam(model.parameters(), lr=lr)\n")], "a new optimizer is made each epoch", "test_steps_on_one_batch"),
    Mutant("rate_ignored", [("lr=lr)", "lr=0.004)")], "the rate is not handed to the optimizer", "test_steps_on_one_batch"),
    Mutant("always_the_same_batches", [("in bucket_batches(sequences, batch_size, pad_value):", "in bucket_batches(sequences, batch_size, pad_value, shuffle=False):")], "the batches are not shuffled", "test_shuffled_each_epoch"),
    Mutant("shuffled_once", [("    losses = []\n", "    losses = []\n    kept = list(bucket_batches(sequences, batch_size, pad_value))\n"), ("in bucket_batches(sequences, batch_size, pad_value):", "in kept:")], "the batches are made once and not anew each epoch", "test_shuffled_each_epoch"),
    Mutant("training_seeded", [("    losses = []\n", "    torch.manual_seed(42)\n    losses = []\n")], "train_cuda sets the seed itself", "test_the_seed_decides"),
    Mutant("defaults_of_the_earlier_exercise", [("    lr: float = 0.004,\n", "    lr: float = 0.001,\n")], "the default of lr is 0.001", "test_the_defaults_of_train_cuda"),
    Mutant("batches_of_one", [("    batch_size: int = 32,\n", "    batch_size: int = 1,\n")], "the default of batch_size is 1", "test_the_defaults_of_train_cuda"),
    Mutant("losses_added_up", [("losses.append(sum(batch_losses) / len(batch_losses))", "losses.append(sum(batch_losses))")], "an entry of losses is the sum over the batches and not the mean", "test_shuffled_each_epoch"),
    Mutant("loss_of_the_last_batch", [("losses.append(sum(batch_losses) / len(batch_losses))", "losses.append(batch_losses[-1])")], "an entry of losses is the loss of the last batch", "test_shuffled_each_epoch"),
    Mutant("losses_as_tensors", [("batch_losses.append(loss.item())", "batch_losses.append(loss)")], "losses holds tensors, with their graphs", "test_steps_on_one_batch"),
    Mutant("smaller_batches_weigh_less", [("batch_losses.append(loss.item())", "batch_losses.append(loss.item() * len(lengths))"), ("losses.append(sum(batch_losses) / len(batch_losses))", "losses.append(sum(batch_losses) / len(sequences))")],
           "batches are weighted by their sizes in the mean", "test_any_training_replayed"),
    Mutant("trained_in_eval_mode", [("        model.train()\n", "")], "the model is not put into train mode", "test_in_train_mode"),
    Mutant("an_epoch_at_least", [("    for epoch in range(num_epochs):\n", "    for epoch in range(max(1, num_epochs)):\n")], "one epoch is trained where none is asked for", "test_no_epochs"),
    Mutant("rate_unchecked", [('    _check_rate("lr", lr)\n', "")], "lr is not checked", "test_bad_training_raises"),
    # drawing
    Mutant("never_ends", [('                if symbol == "<EOS>":\n                    break\n', "")], "<EOS> does not end the text", "test_begins_and_ends"),
    Mutant("begin_in_the_text", [('                if symbol != "<BOS>":\n                    text += symbol\n', "                text += symbol\n")], "a drawn <BOS> gets into the text", "test_begins_and_ends"),
    Mutant("fifty_draws", [("    max_len: int = 100,\n", "    max_len: int = 50,\n")], "the default of max_len is 50", "test_a_hundred_draws"),
    Mutant("state_not_carried", [("logits, hidden = model(token.to(device), hidden)", "logits, _ = model(token.to(device), hidden)")], "the state is not carried from token to token", "test_near_the_best_guess"),
    Mutant("exp_overflows", [("(logits.flatten().cpu() / temperature).softmax(dim=0)", "(logits.flatten().cpu() / temperature).exp()")], "the logits go through exp and not softmax, which overflows", "test_near_the_best_guess"),
    Mutant("always_the_best", [(READ, "                token = chances.argmax().view(1, 1)\n")], "the best guess is taken always", "test_the_temperature"),
    Mutant("default_of_one", [("    temperature: float = 0.8,\n", "    temperature: float = 1.0,\n")], "the default of temperature is 1", "test_the_temperature"),
    Mutant("draws_from_the_global_generator", [("torch.multinomial(chances, 1, generator=generator)", "torch.multinomial(chances, 1)")], "generator is not used for the draws", "test_the_generator"),
    Mutant("drawn_in_train_mode", [("        model.eval()\n", "")], "the model is not put into eval mode", "test_samples_leave_no_trace"),
    Mutant("left_in_eval_mode", [(RESTORE, "            pass\n")], "the model is left in eval mode", "test_samples_leave_no_trace"),
    Mutant("temperature_of_zero", [("    if temperature == 0:\n        raise ValueError(\"temperature is above 0\")\n", "    temperature = max(temperature, 1e-6)\n")], "a temperature of 0 is taken without an error", "test_bad_sampling_raises"),
    # devices
    Mutant("silently_on_the_cpu", [(MOVE_TO_TRAIN, "    device = device if torch.cuda.is_available() else 'cpu'\n" + MOVE_TO_TRAIN)], "training runs silently on the CPU where CUDA is absent", "test_an_absent_device_raises"),
    Mutant("drawn_silently_on_the_cpu", [(MOVE_TO_DRAW, "    device = device if torch.cuda.is_available() else 'cpu'\n" + MOVE_TO_DRAW)], "drawing runs silently on the CPU where CUDA is absent", "test_an_absent_device_raises"),
    Mutant("model_not_moved", [(MOVE_TO_TRAIN, "    optimizer")], "the model is not moved to the device", "test_on_a_cuda_device"),
    Mutant("model_not_moved_to_draw", [(MOVE_TO_DRAW, "    modes")], "the model is not moved to the device to draw", "test_on_a_cuda_device"),
    Mutant("trained_where_it_is", [(MOVE_TO_TRAIN, "    torch.empty(0, device=device)\n    device = next(model.parameters()).device\n    optimizer")], "training runs where the model is, whatever device says", "test_on_a_cuda_device"),
    Mutant("batch_left_on_the_cpu", [("padded.where(real, 0).to(device)", "padded.where(real, 0)")], "the batch stays on the CPU", "test_on_a_cuda_device"),
    Mutant("drawn_on_the_device", [("(logits.flatten().cpu() / temperature)", "(logits.flatten() / temperature)")], "the draw takes place on the GPU, with a generator of the CPU", "test_on_a_cuda_device"),
]  # fmt: skip
