"""Known mistakes in exercise `vae`."""

from grader.mutants import Mutant

FC1 = "        self.fc1 = nn.Linear(28 * 28, 350)\n"
MEAN = "        self.fc2m = nn.Linear(350, zdim)\n"
SPREAD = "        self.fc2s = nn.Linear(350, zdim)\n"
HIDDEN = "        hidden = torch.relu(self.fc1(x.flatten(start_dim=1)))  # (N, 350)\n"
HEADS = "        return self.fc2m(hidden), self.fc2s(hidden)\n"
IN_EVAL = "        if not self.training:\n            return mu\n"
DRAW = "        return mu + torch.randn_like(mu) * torch.exp(logvar / 2)\n"
DECODE = "        return torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))\n"
FORWARD = "        return self.decode(self.reparameterize(mu, logvar)), mu, logvar\n"
BCE = "    bce = nn.functional.binary_cross_entropy(recon_x, x.flatten(start_dim=1))\n"
DIVERGENCE = "    divergence = -0.5 * torch.sum(1 + logvar - mu.square() - logvar.exp())\n"
LOSS = "    return bce + divergence / recon_x.numel()\n"
LOADER = "    loader = DataLoader(data, batch_size, shuffle=True)\n"
ADAM = "    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)\n"
EPOCH = "        model.train()\n"
IMAGES = "            images = images.to(device)  # (B, 1, 28, 28)\n"
CLEAR = "            optimizer.zero_grad()\n"
TOTAL = "            total += loss.item() * len(images)\n"
APPEND = "        losses.append(total / len(data))\n"
Z = "    z = torch.randn(n, model.zdim, generator=generator)  # on the CPU, where the generator is\n"
NO_GRAD = "    with torch.no_grad():\n"
SAMPLE = "        return model.decode(z.to(next(model.parameters()).device)).view(n, 1, 28, 28)\n"

MUTANTS = [
    # the network
    Mutant(
        "a_code_of_20",
        [("zdim: int = 25", "zdim: int = 20")],
        "the code has 20 numbers by default",
        "test_the_layers",
    ),
    Mutant(
        "more_hidden_units",
        [(FC1, FC1.replace("350", "400")), (MEAN, MEAN.replace("350", "400")), (SPREAD, SPREAD.replace("350", "400"))],
        "the encoder has 400 hidden units and not 350",
        "test_the_layers",
    ),
    Mutant(
        "heads_exchanged",
        [(HEADS, "        return self.fc2s(hidden), self.fc2m(hidden)\n")],
        "mean and log-variance are exchanged",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "relu_on_the_mean",
        [(HEADS, "        return torch.relu(self.fc2m(hidden)), self.fc2s(hidden)\n")],
        "a ReLU follows the layer of the mean",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "deviation_positive",
        [(HEADS, "        return self.fc2m(hidden), nn.functional.softplus(self.fc2s(hidden))\n")],
        "the log-variance is made positive, as if it were a deviation",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "relu_forgotten",
        [(HIDDEN, "        hidden = self.fc1(x.flatten(start_dim=1))\n")],
        "no ReLU follows the first layer",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "flat_images_only",
        [(HIDDEN, "        batch, channels, height, width = x.shape\n"
          "        hidden = torch.relu(self.fc1(x.reshape(batch, channels * height * width)))\n")],
        "images (N, 784) are not taken",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "view_by_784",
        [(HIDDEN, "        hidden = torch.relu(self.fc1(x.reshape(-1, 28 * 28)))\n")],
        "view(-1, 784) cuts a batch of other images into rows of 784 pixels, across the images",
        "test_images_stay_apart",
    ),
    Mutant(
        "sigmoid_forgotten",
        [(DECODE, "        return self.fc4(torch.relu(self.fc3(z)))\n")],
        "no sigmoid follows the last layer",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "decoder_s_relu_forgotten",
        [(DECODE, "        return torch.sigmoid(self.fc4(self.fc3(z)))\n")],
        "no ReLU follows the decoder's first layer",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "only_reconstructions",
        [(FORWARD, "        return self.decode(self.reparameterize(mu, logvar))\n")],
        "forward gives the reconstructions alone",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "code_s_size_not_checked",
        [('        _check_count("zdim", zdim, at_least=1)\n', "")],
        "zdim is not checked",
        "test_the_size_of_the_code",
    ),
    Mutant(
        "code_s_size_fixed",
        [(MEAN, MEAN.replace("zdim", "25")), (SPREAD, SPREAD.replace("zdim", "25")),
         ("nn.Linear(zdim, 350)", "nn.Linear(25, 350)")],
        "zdim is ignored",
        "test_the_size_of_the_code",
    ),
    # the draw
    Mutant(
        "drawn_in_eval_mode",
        [(IN_EVAL, "")],
        "the code is drawn in eval mode, too",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "variance_for_deviation",
        [(DRAW, DRAW.replace("logvar / 2", "logvar"))],
        "the noise is multiplied by the variance and not by its root",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "logvar_for_deviation",
        [(DRAW, DRAW.replace("torch.exp(logvar / 2)", "logvar"))],
        "the log-variance is taken for the deviation",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "uniform_noise",
        [(DRAW, DRAW.replace("torch.randn_like(mu)", "(torch.rand_like(mu) - 0.5) * 12**0.5"))],
        "the noise is uniform and not normal",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "one_noise_for_a_row",
        [(DRAW, DRAW.replace("torch.randn_like(mu)", "torch.randn(len(mu), 1, device=mu.device)"))],
        "all numbers of a code share one eps",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "one_noise_for_all_rows",
        [(DRAW, DRAW.replace("torch.randn_like(mu)", "torch.randn_like(mu[0])"))],
        "all images of a batch share one eps",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "never_drawn",
        [(DRAW, "        return mu\n")],
        "the code is the mean in train mode, too",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "logvar_changed",
        [(DRAW, "        std = logvar.mul_(0.5).exp_()\n        return mu + torch.randn_like(mu) * std\n")],
        "mul_ and exp_ change the log-variance that was given",
        "test_the_draw_of_a_code",
    ),
    Mutant(
        "noise_of_its_own_seed",
        [(DRAW, "        eps = torch.randn(mu.shape, generator=torch.Generator().manual_seed(len(mu)))\n"
          "        return mu + eps.to(mu.device) * torch.exp(logvar / 2)\n")],
        "the noise comes from a generator with a seed of its own",
        "test_the_seed_gives_the_draw",
    ),
    Mutant(
        "seeded_network",
        [(FC1, "        torch.manual_seed(42)\n" + FC1)],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_the_draw",
    ),
    Mutant(
        "drawn_without_gradients",
        [(DRAW, "        return torch.normal(mu.detach(), torch.exp(logvar / 2).detach()) + 0 * mu\n")],
        "torch.normal draws the code, which cuts the gradients off",
        "test_gradients_pass_by_the_draw",
    ),
    Mutant(
        "deviation_detached",
        [(DRAW, DRAW.replace("torch.exp(logvar / 2)", "torch.exp(logvar / 2).detach()"))],
        "the deviation is detached, so that the log-variance learns nothing from the reconstructions",
        "test_gradients_pass_by_the_draw",
    ),
    Mutant(
        "mean_decoded",
        [(FORWARD, FORWARD.replace("self.reparameterize(mu, logvar)", "mu"))],
        "forward decodes the mean and never draws",
        "test_any_weights",
    ),
    Mutant(
        "drawn_around_0",
        [(FORWARD, FORWARD.replace("self.reparameterize(mu, logvar)", "self.reparameterize(mu * (not self.training), logvar)"))],
        "in train mode the code is drawn around 0",
        "test_any_weights",
    ),
    # the loss
    Mutant(
        "divergence_of_64",
        [(LOSS, "    return bce + divergence / (64 * 784)\n")],
        "the divergence is divided by a batch size of 64, whatever the batch",
        "test_the_loss",
    ),
    Mutant(
        "divergence_of_the_codes",
        [(LOSS, "    return bce + divergence / mu.numel()\n")],
        "the divergence is divided by the numbers of the codes and not by those of the images",
        "test_the_loss",
    ),
    Mutant(
        "divergence_of_the_batch",
        [(LOSS, "    return bce + divergence / len(mu)\n")],
        "the divergence is divided by N alone",
        "test_the_loss",
    ),
    Mutant(
        "sign_of_the_divergence",
        [(DIVERGENCE, DIVERGENCE.replace("-0.5", "0.5"))],
        "the divergence has the wrong sign",
        "test_the_loss",
    ),
    Mutant(
        "half_forgotten",
        [(DIVERGENCE, DIVERGENCE.replace("-0.5 *", "-"))],
        "the factor ½ of the divergence is forgotten",
        "test_the_loss",
    ),
    Mutant(
        "mean_not_squared",
        [(DIVERGENCE, DIVERGENCE.replace("mu.square()", "mu.abs()"))],
        "the means enter the divergence without a square",
        "test_the_loss",
    ),
    Mutant(
        "log_variance_for_variance",
        [(DIVERGENCE, DIVERGENCE.replace("logvar.exp()", "logvar.square()"))],
        "the log-variance is squared where its exponential belongs",
        "test_the_loss",
    ),
    Mutant(
        "no_divergence",
        [(LOSS, "    return bce\n")],
        "the divergence is left out",
        "test_the_loss",
    ),
    Mutant(
        "squared_error",
        [(BCE, BCE.replace("binary_cross_entropy", "mse_loss"))],
        "the squared error takes the place of the cross-entropy",
        "test_the_loss",
    ),
    Mutant(
        "summed_cross_entropy",
        [(BCE, BCE.replace("(start_dim=1))", "(start_dim=1), reduction='sum')"))],
        "the cross-entropy is summed",
        "test_the_loss",
    ),
    Mutant(
        "arguments_exchanged",
        [(BCE, "    bce = nn.functional.binary_cross_entropy(x.flatten(start_dim=1), recon_x)\n")],
        "image and reconstruction are exchanged in the cross-entropy",
        "test_the_loss",
    ),
    Mutant(
        "divergence_detached",
        [(DIVERGENCE, DIVERGENCE.replace("    divergence = ", "    divergence = torch.tensor(float(").replace("\n", ".detach()))\n"))],
        "the divergence is a number without gradients",
        "test_the_loss_of_any_batch",
    ),
    # samples
    Mutant(
        "uniform_codes",
        [(Z, Z.replace("torch.randn(", "torch.rand("))],
        "the codes of samples are uniform and not normal",
        "test_samples",
    ),
    Mutant(
        "samples_all_alike",
        [(Z, Z.replace("torch.randn(n, model.zdim, generator=generator)", "torch.randn(1, model.zdim, generator=generator).expand(n, -1)"))],
        "one code is decoded n times",
        "test_samples",
    ),
    Mutant(
        "samples_flat",
        [(SAMPLE, SAMPLE.replace(".view(n, 1, 28, 28)", ""))],
        "the samples are (n, 784)",
        "test_samples",
    ),
    Mutant(
        "samples_with_gradients",
        [(NO_GRAD, "    if True:\n")],
        "the samples have gradients",
        "test_samples",
    ),
    Mutant(
        "samples_of_25",
        [(Z, Z.replace("model.zdim", "25"))],
        "sample takes the code for 25 numbers, whatever the model",
        "test_samples_of_any_size",
    ),
    Mutant(
        "generator_ignored",
        [(Z, Z.replace(", generator=generator)", ")"))],
        "the generator is ignored",
        "test_samples_of_a_generator",
    ),
    Mutant(
        "global_generator_seeded",
        [(Z, "    if generator is not None:\n        torch.manual_seed(generator.initial_seed())\n" + Z.replace(", generator=generator)", ")"))],
        "the global generator is seeded with the seed of the given one",
        "test_samples_of_a_generator",
    ),
    Mutant(
        "number_not_checked",
        [('    _check_count("n", n, at_least=1)\n', "")],
        "n is not checked",
        "test_sample_refuses_bad_numbers",
    ),
    Mutant(
        "left_in_eval_mode",
        [(NO_GRAD, "    model.eval()\n" + NO_GRAD)],
        "sample leaves the model in eval mode",
        "test_sample_restores_the_modes",
    ),
    Mutant(
        "everything_to_train_mode",
        [(NO_GRAD, "    model.train()\n" + NO_GRAD)],
        "sample leaves the model in train mode",
        "test_sample_restores_the_modes",
    ),
    Mutant(
        "code_left_on_the_cpu",
        [(SAMPLE, SAMPLE.replace("z.to(next(model.parameters()).device)", "z"))],
        "the codes stay on the CPU while the model is on the GPU",
        "test_on_a_cuda_device",
    ),
    # the loop
    Mutant(
        "noise_left_on_the_cpu",
        [(DRAW, DRAW.replace("torch.randn_like(mu)", "torch.randn(mu.shape)"))],
        "eps stays on the CPU while the model is on the GPU",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "images_left_on_the_cpu",
        [(IMAGES, "")],
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
        "mean_of_batch_losses",
        [(TOTAL, "            total += loss.item()\n"), (APPEND, "        losses.append(total / len(loader))\n")],
        "the losses of the mini-batches are averaged, whatever their size",
        "test_losses",
    ),
    Mutant(
        "last_loss",
        [(APPEND, "        losses.append(loss.item())\n")],
        "the loss of an epoch is that of its last mini-batch",
        "test_losses",
    ),
    Mutant(
        "loss_as_a_tensor",
        [(TOTAL, TOTAL.replace("loss.item()", "loss"))],
        "losses holds tensors, with their graphs",
        "test_losses",
    ),
    Mutant(
        "a_loss_a_batch",
        [(TOTAL, TOTAL + "            losses.append(loss.item())\n"), (APPEND, "")],
        "losses has an entry for each mini-batch",
        "test_losses",
    ),
    Mutant(
        "five_epochs_by_default",
        [("num_epochs: int = 1", "num_epochs: int = 5")],
        "the default of num_epochs is 5",
        "test_losses",
    ),
    Mutant(
        "batches_of_32_by_default",
        [("batch_size: int = 64", "batch_size: int = 32")],
        "the default of batch_size is 32",
        "test_the_default_batch_size",
    ),
    Mutant(
        "rate_by_default_of_0_01",
        [("learning_rate: float = 1e-3", "learning_rate: float = 1e-2")],
        "the default of learning_rate is 1e-2",
        "test_steps_of_adam",
    ),
    Mutant(
        "rate_ignored",
        [(ADAM, "    optimizer = torch.optim.Adam(model.parameters())\n")],
        "learning_rate is ignored",
        "test_steps_of_adam",
    ),
    Mutant(
        "sgd",
        [(ADAM, ADAM.replace("Adam(", "SGD("))],
        "SGD takes the place of Adam",
        "test_steps_of_adam",
    ),
    Mutant(
        "with_decay",
        [(ADAM, ADAM.replace("lr=learning_rate", "lr=learning_rate, weight_decay=1e-3"))],
        "Adam has a weight decay",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_never_cleared",
        [(CLEAR, "")],
        "gradients are never cleared",
        "test_steps_of_adam",
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
        "no_shuffle",
        [(LOADER, LOADER.replace(", shuffle=True", ""))],
        "the data are not shuffled",
        "test_mini_batches",
    ),
    Mutant(
        "last_batch_dropped",
        [(LOADER, LOADER.replace("shuffle=True", "shuffle=True, drop_last=len(data) > batch_size"))],
        "the smaller last mini-batch is dropped",
        "test_mini_batches",
    ),
    Mutant(
        "gradients_cleared_once_an_epoch",
        [(CLEAR, ""), (EPOCH, EPOCH + "        optimizer.zero_grad()\n")],
        "gradients are cleared once an epoch and not before each backward pass",
        "test_mini_batches",
    ),
    Mutant(
        "a_fixed_seed",
        [(LOADER, "    torch.manual_seed(42)\n" + LOADER)],
        "train sets the seed itself, so that every run is the same",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "data_changed",
        [("    return losses\n", "    data[0][0].clamp_(0.1, 0.9)\n    return losses\n")],
        "an image of the data set itself is changed",
        "test_the_data_stay",
    ),
    Mutant(
        "empty_data_accepted",
        [('        raise ValueError("data has no samples")\n', "        return []\n")],
        "empty data are taken without an error",
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
        "rate_falls",
        [(LOADER, LOADER + "    steps = 0\n"), (CLEAR, CLEAR + "            steps += 1\n"
          "            optimizer.param_groups[0]['lr'] = learning_rate * (1.0 if steps < 10 else 0.5)\n")],
        "the rate falls in the course of training",
        "test_the_batches_replayed",
    ),
]  # fmt: skip
