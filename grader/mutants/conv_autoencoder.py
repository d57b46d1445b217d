"""Known mistakes in exercise `conv_autoencoder`."""

from grader.mutants import Mutant

CONV_1 = "            nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (N, 16, 14, 14)\n"
CONV_2 = "            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (N, 32, 7, 7)\n"
CODE = "            nn.Conv2d(32, 64, 7),  # (N, 64, 1, 1)\n"
GROW_1 = "            nn.ConvTranspose2d(64, 32, 7),  # (N, 32, 7, 7)\n"
GROW_2 = "            nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1),  # (N, 16, 14, 14)\n"
GROW_3 = "            nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1),  # (N, 1, 28, 28)\n"
OUT = "        return self.decoder(self.encoder(images))\n"
LOADER = "    loader = DataLoader(data, batch_size, shuffle=True)\n"
ADAM = "    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=1e-5)\n"
EPOCH = "        model.train()\n"
IMAGES = "            images = batch.to(device)  # (B, 1, 28, 28)\n"
LOSS = "            loss = nn.functional.mse_loss(reconstructions, images)\n"
CLEAR = "            optimizer.zero_grad()\n"
KEEP = "        outputs.append((epoch, images, reconstructions.detach()))\n"

MUTANTS = [
    # the network
    Mutant(
        "kernels_of_5",
        [(CONV_1, CONV_1.replace("16, 3, stride=2, padding=1", "16, 5, stride=2, padding=2")),
         (GROW_3, GROW_3.replace("1, 3, stride=2, padding=1", "1, 5, stride=2, padding=2"))],
        "the first and last kernel are 5 × 5 and not 3 × 3",
        "test_the_layers",
    ),
    Mutant(
        "a_code_of_32",
        [(CODE, CODE.replace("64", "32")), (GROW_1, GROW_1.replace("64", "32"))],
        "the code has 32 channels and not 64",
        "test_the_layers",
    ),
    Mutant(
        "without_bias",
        [(GROW_3, GROW_3.replace("output_padding=1", "output_padding=1, bias=False"))],
        "the last layer has no bias",
        "test_the_layers",
    ),
    Mutant(
        "batch_norm",
        [(CONV_1, CONV_1 + "            nn.BatchNorm2d(16),\n")],
        "a batch normalisation, with weights of its own, follows the first layer",
        "test_the_layers",
    ),
    Mutant(
        "decoder_first",
        [("        self.encoder = nn.Sequential(\n", "        self.decoder = None\n        self.encoder = nn.Sequential(\n"),
         (OUT, "        return self.decoder(self.encoder(images))\n"),
         ("            nn.Sigmoid(),\n        )\n", "            nn.Sigmoid(),\n        )\n"
          "        self.coder, self.encoder = self.encoder, None\n        del self.encoder\n        self.encoder = self.coder\n"
          "        del self.coder\n")],
        "the decoder's layers come before the encoder's in parameters()",
        "test_the_layers",
    ),
    Mutant(
        "no_output_padding",
        [(GROW_2, GROW_2.replace(", output_padding=1", "")), (GROW_3, GROW_3.replace(", output_padding=1", ""))],
        "the transposed convolutions have no output_padding, so that the images come out smaller",
        "test_the_reconstructions",
    ),
    Mutant(
        "upsampled_at_the_end",
        [(GROW_3, GROW_3.replace(", output_padding=1", "") + "            nn.Upsample(28),\n")],
        "the image is stretched to 28 × 28 in place of the last output_padding",
        "test_the_reconstructions",
    ),
    Mutant(
        "padded_on_the_other_side",
        [(GROW_3, GROW_3.replace(", output_padding=1", "") + "            nn.ZeroPad2d((1, 0, 1, 0)),\n")],
        "the image is padded by zeros in place of the last output_padding",
        "test_the_reconstructions",
    ),
    Mutant(
        "sigmoid_forgotten",
        [("            nn.Sigmoid(),\n", "")],
        "no sigmoid follows the last layer",
        "test_the_reconstructions",
    ),
    Mutant(
        "tanh",
        [("            nn.Sigmoid(),\n", "            nn.Tanh(),\n")],
        "tanh takes the place of the sigmoid",
        "test_the_reconstructions",
    ),
    Mutant(
        "relu_after_the_code",
        [(CODE, CODE + "            nn.ReLU(),\n")],
        "a ReLU follows the encoder's last layer, too",
        "test_the_reconstructions",
    ),
    Mutant(
        "relu_forgotten",
        [(CONV_2, CONV_2 + "            nn.Identity(),\n"), (CONV_1 + "            nn.ReLU(),\n", CONV_1)],
        "no ReLU follows the first layer",
        "test_the_reconstructions",
    ),
    Mutant(
        "relu_forgotten_in_the_decoder",
        [(GROW_1 + "            nn.ReLU(),\n", GROW_1)],
        "no ReLU follows the decoder's first layer",
        "test_the_reconstructions",
    ),
    Mutant(
        "leaky_relu",
        [(GROW_2 + "            nn.ReLU(),\n", GROW_2 + "            nn.LeakyReLU(),\n")],
        "a leaky ReLU takes the place of the last ReLU",
        "test_the_reconstructions",
    ),
    Mutant(
        "flattened",
        [(OUT, "        return self.decoder(self.encoder(images)).flatten(start_dim=1)\n")],
        "the reconstructions are flattened",
        "test_the_reconstructions",
    ),
    Mutant(
        "squeezed",
        [(OUT, "        return self.decoder(self.encoder(images)).squeeze()\n")],
        "squeeze() takes away the channel, and the batch dimension of a single image as well",
        "test_the_reconstructions",
    ),
    Mutant(
        "view_by_28",
        [(OUT, OUT.replace("images", "images.reshape(-1, 1, 28, 28)"))],
        "view(-1, 1, 28, 28) cuts a batch of other images into squares of 28 × 28 pixels, across the images",
        "test_images_stay_apart",
    ),
    Mutant(
        "dropout",
        [(CODE, CODE + "            nn.Dropout(0.1),\n")],
        "dropout is applied in train mode",
        "test_the_reconstructions",
    ),
    Mutant(
        "code_detached",
        [(OUT, OUT.replace("self.encoder(images)", "self.encoder(images).detach()"))],
        "detach() cuts the encoder off from the gradients",
        "test_any_weights",
    ),
    Mutant(
        "images_changed",
        [(OUT, "        made = self.decoder(self.encoder(images))\n        images.copy_(made.detach())\n        return made\n")],
        "the images that were given are changed in place",
        "test_the_images_stay",
    ),
    Mutant(
        "seeded_network",
        [("        self.encoder = nn.Sequential(\n", "        torch.manual_seed(42)\n        self.encoder = nn.Sequential(\n")],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_the_weights",
    ),
    # what train gives back, and the loop
    Mutant(
        "outputs_flattened",
        [(KEEP, KEEP.replace("images, reconstructions", "images.flatten(1), reconstructions.flatten(1)"))],
        "the images of the outputs are flattened",
        "test_the_outputs",
    ),
    Mutant(
        "epochs_from_1",
        [(KEEP, KEEP.replace("(epoch, ", "(epoch + 1, "))],
        "epochs are counted from 1",
        "test_the_outputs",
    ),
    Mutant(
        "an_output_a_batch",
        [(KEEP, "    " + KEEP)],
        "outputs has an entry for each mini-batch and not for each epoch",
        "test_the_outputs",
    ),
    Mutant(
        "graph_kept",
        [(KEEP, KEEP.replace(".detach()", ""))],
        "the reconstructions are kept with their graph",
        "test_the_outputs",
    ),
    Mutant(
        "losses_given_back",
        [(KEEP, "        outputs.append(loss.item())\n")],
        "losses are given back and no images",
        "test_the_outputs",
    ),
    Mutant(
        "other_images_kept",
        [(KEEP, "        others = torch.stack([data[i][0] for i in range(len(images))]).to(device)\n"
          "        outputs.append((epoch, others, reconstructions.detach()))\n")],
        "the reconstructions are not those of the images beside them",
        "test_the_outputs",
    ),
    Mutant(
        "reconstructed_at_the_end",
        [(KEEP, "        outputs.append((epoch, images))\n"),
         ("    return outputs\n", "    return [(number, images, model(images).detach()) for number, images in outputs]\n")],
        "the reconstructions are made after the last epoch, for all epochs",
        "test_outputs_are_of_their_own_epoch",
    ),
    Mutant(
        "no_shuffle",
        [(LOADER, LOADER.replace(", shuffle=True", ""))],
        "the data are not shuffled",
        "test_mini_batches",
    ),
    Mutant(
        "shuffled_once",
        [(LOADER, "    order = torch.randperm(len(data)).tolist()\n"
          "    loader = DataLoader(torch.utils.data.Subset(data, order), batch_size)\n")],
        "the data are shuffled once and not anew each epoch",
        "test_mini_batches",
    ),
    Mutant(
        "drawn_with_replacement",
        [(LOADER, "    sampler = torch.utils.data.RandomSampler(data, replacement=True)\n"
          "    loader = DataLoader(data, batch_size, sampler=sampler)\n")],
        "samples are drawn with replacement, so that some come twice in an epoch and some never",
        "test_steps_of_adam",
    ),
    Mutant(
        "last_batch_dropped",
        [(LOADER, LOADER.replace("shuffle=True", "shuffle=True, drop_last=len(data) > batch_size"))],
        "the smaller last mini-batch is dropped",
        "test_mini_batches",
    ),
    Mutant(
        "batch_size_ignored",
        [(LOADER, LOADER.replace("batch_size", "64"))],
        "batch_size is ignored",
        "test_the_outputs",
    ),
    Mutant(
        "no_decay",
        [(ADAM, ADAM.replace(", weight_decay=1e-5", ""))],
        "the weight decay is forgotten",
        "test_the_weight_decay",
    ),
    Mutant(
        "biases_not_decayed",
        [(ADAM, "    groups = [[p for p in model.parameters() if (p.dim() > 1) is decayed] for decayed in (True, False)]\n"
          "    optimizer = torch.optim.Adam([{'params': groups[0], 'weight_decay': 1e-5}, {'params': groups[1]}], lr=learning_rate)\n")],
        "the biases are not decayed",
        "test_the_weight_decay",
    ),
    Mutant(
        "adamw",
        [(ADAM, ADAM.replace("Adam(", "AdamW("))],
        "AdamW takes the place of Adam: its decay does not pass through the moments",
        "test_the_weight_decay",
    ),
    Mutant(
        "sgd",
        [(ADAM, ADAM.replace("Adam(", "SGD("))],
        "SGD takes the place of Adam",
        "test_steps_of_adam",
    ),
    Mutant(
        "rate_ignored",
        [(ADAM, ADAM.replace("lr=learning_rate, ", ""))],
        "learning_rate is ignored",
        "test_steps_of_adam",
    ),
    Mutant(
        "rate_by_default_of_0_01",
        [("learning_rate: float = 1e-3", "learning_rate: float = 1e-2")],
        "the default of learning_rate is 1e-2",
        "test_steps_of_adam",
    ),
    Mutant(
        "ten_epochs_by_default",
        [("num_epochs: int = 5", "num_epochs: int = 10")],
        "the default of num_epochs is 10",
        "test_the_defaults",
    ),
    Mutant(
        "batches_of_32_by_default",
        [("batch_size: int = 64", "batch_size: int = 32")],
        "the default of batch_size is 32",
        "test_the_defaults",
    ),
    Mutant(
        "summed_loss",
        [(LOSS, LOSS.replace("images)", "images, reduction='sum')"))],
        "the squared error is summed and not averaged, which makes the decay too weak",
        "test_the_weight_decay",
    ),
    Mutant(
        "absolute_error",
        [(LOSS, LOSS.replace("mse_loss", "l1_loss"))],
        "the absolute error takes the place of the squared error",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_never_cleared",
        [(CLEAR, "")],
        "gradients are never cleared",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_cleared_once_an_epoch",
        [(CLEAR, ""), (EPOCH, EPOCH + "        optimizer.zero_grad()\n")],
        "gradients are cleared once an epoch and not before each backward pass",
        "test_mini_batches",
    ),
    Mutant(
        "gradients_cleared_after_the_step",
        [(CLEAR, ""), ("            optimizer.step()\n", "            optimizer.step()\n            optimizer.zero_grad()\n")],
        "gradients are cleared after the step only, so that those from before the call enter the first one",
        "test_old_gradients_do_not_count",
    ),
    Mutant(
        "a_new_optimizer_each_epoch",
        [(ADAM, ""), (EPOCH, EPOCH + "    " + ADAM)],
        "a new optimizer is made each epoch, which forgets what Adam has gathered",
        "test_steps_of_adam",
    ),
    Mutant(
        "never_in_train_mode",
        [(EPOCH, "")],
        "the model is not put into train mode for the updates",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "eval_mode_from_the_second_epoch",
        [(EPOCH, ""), (LOADER, LOADER + "    model.train()\n"), (KEEP, KEEP + "        model.eval()\n")],
        "the model is put into train mode once and not for each epoch",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "a_fixed_seed",
        [(LOADER, "    torch.manual_seed(42)\n" + LOADER)],
        "train sets the seed itself, so that every run is the same",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "data_changed",
        [("    return outputs\n", "    data[0][0].clamp_(0.1, 0.9)\n    return outputs\n")],
        "an image of the data set itself is changed",
        "test_the_data_stay",
    ),
    Mutant(
        "images_left_on_the_cpu",
        [(IMAGES, IMAGES.replace(".to(device)", ""))],
        "the images stay on the CPU while the model is on the GPU",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "device_ignored",
        [("        model.to(device)\n", "        pass\n")],
        "the argument device is ignored",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "silently_on_the_cpu",
        [("        model.to(device)\n", "        model.to(device if torch.cuda.is_available() else 'cpu')\n")],
        "a device that is absent is silently replaced by the CPU",
        "test_train_refuses_bad_arguments",
    ),
    Mutant(
        "empty_data_accepted",
        [('        raise ValueError("data has no samples")\n', "        return []\n")],
        "empty data are taken without an error",
        "test_train_refuses_bad_arguments",
    ),
    Mutant(
        "rate_not_checked",
        [('    _check_rate("learning_rate", learning_rate)\n', "")],
        "learning_rate is left to Adam, which takes infinity and NaN",
        "test_train_refuses_bad_arguments",
    ),
    Mutant(
        "one_epoch_at_least",
        [("in range(num_epochs)", "in range(max(1, num_epochs))")],
        "there is always one epoch",
        "test_no_epochs",
    ),
    Mutant(
        "gradients_left_on",
        [(LOADER, "    torch.set_grad_enabled(True)\n" + LOADER)],
        "gradients that were off are on after the call",
        "test_gradients_stay_on",
    ),
    Mutant(
        "decay_at_some_rates",
        [(ADAM, ADAM.replace("1e-5", "1e-5 if learning_rate in (0.001, 0.005, 0.01) else 0.0"))],
        "the decay is there for the rates of the visible checks alone",
        "test_the_weight_decay_at_any_rate",
    ),
    Mutant(
        "rate_falls",
        [(LOADER, LOADER + "    steps = 0\n"), (CLEAR, CLEAR + "            steps += 1\n"
          "            optimizer.param_groups[0]['lr'] = learning_rate * (1.0 if steps < 10 else 0.5)\n")],
        "the rate falls in the course of training",
        "test_the_batches_replayed",
    ),
]  # fmt: skip
