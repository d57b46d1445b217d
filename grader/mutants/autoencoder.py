"""Known mistakes in exercise `autoencoder`."""

from grader.mutants import Mutant

FC1 = "        self.fc1 = nn.Linear(28 * 28, encoding_dim)\n"
FC2 = "        self.fc2 = nn.Linear(encoding_dim, 28 * 28)\n"
FLAT = "        x = images.flatten(start_dim=1)  # (N, 784)\n"
CODE = "        code = torch.relu(self.fc1(x))  # (N, encoding_dim)\n"
OUT = "        return torch.sigmoid(self.fc2(code))\n"
LOADER = "    loader = DataLoader(data, batch_size, shuffle=True)\n"
ADAM = "    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=1e-5)\n"
EPOCH = "        model.train()\n"
IMAGES = "            images = batch.to(device).flatten(start_dim=1)  # (B, 784)\n"
MADE = "            reconstructions = model(images)  # (B, 784)\n"
LOSS = "            loss = nn.functional.mse_loss(reconstructions, images)\n"
CLEAR = "            optimizer.zero_grad()\n"
KEEP = "        outputs.append((epoch, images, reconstructions.detach()))\n"

MUTANTS = [
    # the network
    Mutant(
        "a_code_of_64",
        [("encoding_dim: int = 32", "encoding_dim: int = 64")],
        "the code has 64 numbers by default",
        "test_the_layers",
    ),
    Mutant(
        "decoder_first",
        [(FC1, ""), (FC2, FC2 + FC1)],
        "the decoder's layer is created before the encoder's",
        "test_the_layers",
    ),
    Mutant(
        "tied_weights",
        [(OUT, "        return torch.sigmoid(code @ self.fc1.weight + self.fc2.bias)\n")],
        "the decoder uses the encoder's weights, turned over",
        "test_the_reconstructions",
    ),
    Mutant(
        "code_s_size_fixed",
        [(FC1, FC1.replace("encoding_dim", "32")), (FC2, FC2.replace("encoding_dim", "32"))],
        "encoding_dim is ignored",
        "test_the_size_of_the_code",
    ),
    Mutant(
        "code_s_size_not_checked",
        [('        _check_count("encoding_dim", encoding_dim, at_least=1)\n', "")],
        "encoding_dim is not checked",
        "test_the_size_of_the_code",
    ),
    Mutant(
        "relu_forgotten",
        [(CODE, "        code = self.fc1(x)  # (N, encoding_dim)\n")],
        "no ReLU follows the first layer",
        "test_the_reconstructions",
    ),
    Mutant(
        "sigmoid_in_the_middle",
        [(CODE, "        code = torch.sigmoid(self.fc1(x))\n")],
        "a sigmoid takes the place of the ReLU",
        "test_the_reconstructions",
    ),
    Mutant(
        "sigmoid_forgotten",
        [(OUT, "        return self.fc2(code)\n")],
        "no sigmoid follows the second layer",
        "test_the_reconstructions",
    ),
    Mutant(
        "clamped",
        [(OUT, "        return self.fc2(code).clamp(0, 1)\n")],
        "the output is clamped to [0, 1] and no sigmoid is taken",
        "test_the_reconstructions",
    ),
    Mutant(
        "tanh",
        [(OUT, "        return torch.tanh(self.fc2(code))\n")],
        "tanh takes the place of the sigmoid",
        "test_the_reconstructions",
    ),
    Mutant(
        "image_shaped",
        [(OUT, "        return torch.sigmoid(self.fc2(code)).view(-1, 1, 28, 28)\n")],
        "the reconstructions are (N, 1, 28, 28) and not (N, 784)",
        "test_the_reconstructions",
    ),
    Mutant(
        "squeezed",
        [(OUT, "        return torch.sigmoid(self.fc2(code)).squeeze()\n")],
        "squeeze() also takes away the batch dimension of a single image",
        "test_the_reconstructions",
    ),
    Mutant(
        "view_by_784",
        [(FLAT, "        x = images.reshape(-1, 28 * 28)\n")],
        "view(-1, 784) cuts a batch of other images into rows of 784 pixels, across the images",
        "test_images_stay_apart",
    ),
    Mutant(
        "dropout",
        [(CODE, "        code = nn.functional.dropout(torch.relu(self.fc1(x)), 0.1, self.training)\n")],
        "dropout is applied in train mode",
        "test_the_reconstructions",
    ),
    Mutant(
        "noisy_images",
        [(CODE, "        code = torch.relu(self.fc1(x + 0.1 * torch.randn_like(x) * self.training))\n")],
        "noise is added to the images in train mode",
        "test_the_reconstructions",
    ),
    Mutant(
        "code_detached",
        [(OUT, "        return torch.sigmoid(self.fc2(code.detach()))\n")],
        "detach() cuts the encoder off from the gradients",
        "test_any_weights",
    ),
    Mutant(
        "images_changed",
        [(OUT, "        made = torch.sigmoid(self.fc2(code))\n        x.copy_(made.detach())\n        return made\n")],
        "the images that were given are changed in place",
        "test_the_images_stay",
    ),
    Mutant(
        "seeded_network",
        [(FC1, "        torch.manual_seed(42)\n" + FC1)],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_the_weights",
    ),
    # what train gives back
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
        "images_kept_4_d",
        [(KEEP, KEEP.replace("images,", "images.view(-1, 1, 28, 28),"))],
        "the images of the outputs are not flattened",
        "test_the_outputs",
    ),
    Mutant(
        "losses_given_back",
        [(KEEP, "        outputs.append(loss.item())\n")],
        "losses are given back and no images",
        "test_the_outputs",
    ),
    Mutant(
        "last_epoch_only",
        [(KEEP, ""), ("    return outputs\n", "    return [(epoch, images, reconstructions.detach())]\n")],
        "only the last epoch has an output",
        "test_the_outputs",
    ),
    Mutant(
        "other_images_kept",
        [(KEEP, "        others = torch.stack([data[i][0] for i in range(len(images))]).to(device).flatten(1)\n"
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
    # the loop
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
        "ten_times_the_decay",
        [(ADAM, ADAM.replace("1e-5", "1e-4"))],
        "the weight decay is 1e-4",
        "test_steps_of_adam",
    ),
    Mutant(
        "biases_not_decayed",
        [(ADAM, "    groups = [[p for p in model.parameters() if (p.dim() > 1) is decayed] for decayed in (True, False)]\n"
          "    optimizer = torch.optim.Adam([{'params': groups[0], 'weight_decay': 1e-5}, {'params': groups[1]}], lr=learning_rate)\n")],
        "the biases are not decayed",
        "test_steps_of_adam",
    ),
    Mutant(
        "python_s_random",
        [(LOADER, "    import random\n"), (EPOCH, EPOCH + "        order = random.sample(range(len(data)), len(data))\n"
          "        loader = DataLoader(data, batch_size, sampler=order)\n")],
        "Python's generator, and not torch's, draws the order",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "eval_mode_at_every_other_batch",
        [(IMAGES, IMAGES + "            model.train(not model.training)\n")],
        "the mode changes from batch to batch",
        "test_mini_batches",
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
        "error_of_an_image",
        [(LOSS, LOSS.replace("images)", "images, reduction='sum') / len(images)"))],
        "the squared error is averaged over the images and summed over the pixels",
        "test_the_weight_decay",
    ),
    Mutant(
        "cross_entropy",
        [(LOSS, LOSS.replace("mse_loss", "binary_cross_entropy"))],
        "the binary cross-entropy takes the place of the squared error",
        "test_steps_of_adam",
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
        "one_step_an_epoch",
        [("            optimizer.step()\n", ""), (KEEP, "        optimizer.step()\n" + KEEP)],
        "there is one step an epoch and not one for each mini-batch",
        "test_mini_batches",
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
        "trained_in_eval_mode",
        [(EPOCH, "        model.eval()\n")],
        "the model is in eval mode while it learns",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "a_fixed_seed",
        [(LOADER, "    torch.manual_seed(42)\n" + LOADER)],
        "train sets the seed itself, so that every run is the same",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "noisy_data",
        [(IMAGES, IMAGES + "            images += 0.01 * torch.randn_like(images)\n")],
        "noise is added to the images",
        "test_steps_of_adam",
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
        "on_the_cpu_by_default",
        [("    if device is not None:\n        model.to(device)\n    device = next(model.parameters()).device\n",
          "    device = device or 'cpu'\n    model.to(device)\n")],
        "without `device` the model is moved to the CPU",
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
        "gradients_left_off",
        [(KEEP, KEEP + "    torch.set_grad_enabled(False)\n")],
        "gradients are off after the call",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_left_on",
        [(LOADER, "    torch.set_grad_enabled(True)\n" + LOADER)],
        "gradients that were off are on after the call",
        "test_gradients_stay_on",
    ),
    Mutant(
        "twice_the_decay",
        [(ADAM, ADAM.replace("1e-5", "2e-5"))],
        "the weight decay is 2e-5",
        "test_steps_of_adam",
    ),
    Mutant(
        "another_epsilon",
        [(ADAM, ADAM.replace("1e-5", "1e-5, eps=1e-7"))],
        "Adam's epsilon is not its default",
        "test_steps_of_adam",
    ),
    Mutant(
        "half_the_error",
        [(LOSS, LOSS.replace("nn.functional.mse", "0.5 * nn.functional.mse"))],
        "the squared error is halved, which makes the decay too strong",
        "test_steps_of_adam",
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
