"""Known mistakes in exercise `gan`."""

from grader.mutants import Mutant

D_LAYER = "            x = dropout(leaky_relu(layer(x), 0.2), 0.3, self.training)\n        return self.fc4(x)\n"
G_LAYER = (
    "            x = dropout(leaky_relu(layer(x), 0.2), 0.3, self.training)\n        return torch.tanh(self.fc4(x))\n"
)
D_STEP = (
    "            d_loss = discriminator_loss(D(real), D(fake.detach()))\n            d_optimizer.zero_grad()\n"
    "            d_loss.backward()\n            d_optimizer.step()\n"
)
G_STEP = (
    "            g_loss = generator_loss(D(fake))\n            g_optimizer.zero_grad()\n"
    "            g_loss.backward()\n            g_optimizer.step()\n"
)
NOISE = "torch.rand(len(real), noise_dim, device=device) * 2 - 1"

MUTANTS = [
    Mutant(
        "generator_not_detached",
        [("D(fake.detach())", "D(G(noise))")],
        "the generator is not detached in the step of D",
        "test_the_generator_is_detached",
    ),
    Mutant(
        "gradients_of_the_first_step_kept",
        [("D(fake.detach())", "D(fake)"), ("            d_loss.backward()\n", "            d_loss.backward(retain_graph=True)\n"),
         ("            g_optimizer.zero_grad()\n", "")],
        "the generator is not detached, and its gradients from the step of D enter its own",
        "test_a_step_of_each",
    ),
    Mutant(
        "d_gradients_never_cleared",
        [("            d_optimizer.zero_grad()\n", "")],
        "the gradients that G's step leaves in D are never cleared",
        "test_the_steps_replayed",
    ),
    Mutant(
        "g_gradients_cleared_after_the_step",
        [("            g_optimizer.zero_grad()\n", ""), ("            g_optimizer.step()\n", "            g_optimizer.step()\n            g_optimizer.zero_grad()\n")],
        "gradients of G are cleared after the step only, so that those from before the call enter the first one",
        "test_old_gradients_do_not_count",
    ),
    Mutant(
        "generator_first",
        [(D_STEP + "\n" + G_STEP, "            painted = fake.detach()\n" + G_STEP + "\n" + D_STEP.replace("fake.detach()", "painted"))],
        "the step of G comes before that of D",
        "test_a_step_of_each",
    ),
    Mutant(
        "one_optimizer_for_both",
        [("g_optimizer = torch.optim.Adam(G.parameters(), lr=lr)",
          "g_optimizer = torch.optim.Adam([*G.parameters(), *D.parameters()], lr=lr)")],
        "the step of G moves D too",
        "test_a_step_of_each",
    ),
    Mutant(
        "d_step_moves_g",
        [("d_optimizer = torch.optim.Adam(D.parameters(), lr=lr)",
          "d_optimizer = torch.optim.Adam([*D.parameters(), *G.parameters()], lr=lr)"), ("D(fake.detach())", "D(G(noise))")],
        "the step of D moves G too",
        "test_a_step_of_each",
    ),
    Mutant(
        "sgd",
        [("d_optimizer = torch.optim.Adam(", "d_optimizer = torch.optim.SGD("),
         ("g_optimizer = torch.optim.Adam(", "g_optimizer = torch.optim.SGD(")],
        "SGD takes the place of Adam",
        "test_a_step_of_each",
    ),
    Mutant(
        "betas_of_dcgan",
        [("d_optimizer = torch.optim.Adam(D.parameters(), lr=lr", "d_optimizer = torch.optim.Adam(D.parameters(), lr=lr, betas=(0.5, 0.999)"),
         ("g_optimizer = torch.optim.Adam(G.parameters(), lr=lr", "g_optimizer = torch.optim.Adam(G.parameters(), lr=lr, betas=(0.5, 0.999)")],
        "Adam gets other settings than its defaults",
        "test_the_steps_replayed",
    ),
    Mutant(
        "new_optimizers_each_epoch",
        [("        G.train()\n", "        d_optimizer = torch.optim.Adam(D.parameters(), lr=lr)\n"
          "        g_optimizer = torch.optim.Adam(G.parameters(), lr=lr)\n        G.train()\n")],
        "new optimizers are made each epoch, which forget their averages",
        "test_the_steps_replayed",
    ),
    Mutant(
        "lr_ignored",
        [("d_optimizer = torch.optim.Adam(D.parameters(), lr=lr)", "d_optimizer = torch.optim.Adam(D.parameters(), lr=0.002)")],
        "D is trained at a fixed rate, whatever lr is",
        "test_losses_are_means_over_the_samples",
    ),
    Mutant(
        "images_not_rescaled",
        [("images.to(device) * 2 - 1", "images.to(device)")],
        "the real images are left in [0, 1]",
        "test_every_image_once_an_epoch",
    ),
    Mutant(
        "rescaled_in_place",
        [("        for images, _ in loader:\n", "        for index in range(len(data)):\n            data[index][0].mul_(2).sub_(1)\n"
          "        for images, _ in loader:\n"), ("images.to(device) * 2 - 1", "images.to(device)")],
        "the images of the data are rescaled in place",
        "test_the_images_stay",
    ),
    Mutant(
        "no_shuffle",
        [("batch_size, shuffle=True", "batch_size")],
        "the data are not shuffled",
        "test_every_image_once_an_epoch",
    ),
    Mutant(
        "last_batch_dropped",
        [("batch_size, shuffle=True", "batch_size, shuffle=True, drop_last=True")],
        "the smaller last mini-batch is dropped",
        "test_every_image_once_an_epoch",
    ),
    Mutant(
        "noise_of_a_full_batch",
        [("torch.rand(len(real), noise_dim", "torch.rand(batch_size, noise_dim")],
        "the last mini-batch gets the noise of a full one",
        "test_every_image_once_an_epoch",
    ),
    Mutant(
        "normal_noise",
        [(NOISE, "torch.randn(len(real), noise_dim, device=device)")],
        "the noise is normal and not uniform",
        "test_the_noise",
    ),
    Mutant(
        "noise_from_0_to_1",
        [(NOISE, "torch.rand(len(real), noise_dim, device=device)")],
        "the noise is uniform in [0, 1]",
        "test_the_noise",
    ),
    Mutant(
        "one_noise_for_the_batch",
        [(NOISE, "(torch.rand(1, noise_dim, device=device) * 2 - 1).repeat(len(real), 1)")],
        "all images of a mini-batch get the same noise",
        "test_the_noise",
    ),
    Mutant(
        "one_number_an_image",
        [(NOISE, "(torch.rand(len(real), 1, device=device) * 2 - 1).repeat(1, noise_dim)")],
        "all numbers of an image's noise are the same",
        "test_the_noise",
    ),
    Mutant(
        "noise_drawn_once",
        [("    losses = []\n", "    losses = []\n    fixed = torch.rand(batch_size, noise_dim, device=device) * 2 - 1\n"),
         (NOISE, "fixed[: len(real)]")],
        "the noise is drawn once and not for every mini-batch",
        "test_the_noise",
    ),
    Mutant(
        "noise_dim_ignored",
        [("torch.rand(len(real), noise_dim", "torch.rand(len(real), 100")],
        "the noise has 100 numbers, whatever noise_dim is",
        "test_the_losses_of_epochs",
    ),
    Mutant(
        "another_default_noise",
        [("    noise_dim: int = 100,\n    device", "    noise_dim: int = 64,\n    device")],
        "noise_dim is another number than 100 where it is not given",
        "test_the_default_noise",
    ),
    Mutant(
        "a_fixed_seed",
        [("    loader = DataLoader(", "    torch.manual_seed(42)\n    loader = DataLoader(")],
        "train sets the seed itself, so that every run is the same",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "losses_of_the_last_batch",
        [("(d_total / len(data), g_total / len(data))", "(d_loss.item(), g_loss.item())")],
        "the losses are those of the last mini-batch of the epoch",
        "test_losses_are_means_over_the_samples",
    ),
    Mutant(
        "means_over_batches",
        [("d_total += d_loss.item() * len(real)", "d_total += d_loss.item()"),
         ("g_total += g_loss.item() * len(real)", "g_total += g_loss.item()"),
         ("(d_total / len(data), g_total / len(data))", "(d_total / len(loader), g_total / len(loader))")],
        "the losses are means over the mini-batches, and the smaller last one counts as much as the others",
        "test_losses_are_means_over_the_samples",
    ),
    Mutant(
        "losses_add_up",
        [("        d_total = g_total = 0.0\n", ""), ("    losses = []\n", "    losses = []\n    d_total = g_total = 0.0\n")],
        "the sums of the losses are not set back to 0 after an epoch",
        "test_losses_are_means_over_the_samples",
    ),
    Mutant(
        "pairs_the_other_way",
        [("(d_total / len(data), g_total / len(data))", "(g_total / len(data), d_total / len(data))")],
        "the pair is (g_loss, d_loss)",
        "test_losses_are_means_over_the_samples",
    ),
    Mutant(
        "losses_as_tensors",
        [("d_loss.item()", "d_loss.detach()"), ("g_loss.item()", "g_loss.detach()")],
        "the losses are tensors and not floats",
        "test_the_losses_of_epochs",
    ),
    Mutant(
        "losses_of_each_step",
        [("            g_total += g_loss.item() * len(real)\n",
          "            g_total += g_loss.item() * len(real)\n            losses.append((d_loss.item(), g_loss.item()))\n"),
         ("        losses.append((d_total / len(data), g_total / len(data)))\n", "")],
        "there is a pair for each mini-batch and not for each epoch",
        "test_the_losses_of_epochs",
    ),
    Mutant(
        "d_never_in_train_mode",
        [("        D.train()\n", "")],
        "D is not put into train mode",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "g_never_in_train_mode",
        [("        G.train()\n", "")],
        "G is not put into train mode",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "g_in_eval_mode_for_d",
        [("            fake = G(noise)  # (N, 784)\n", "            G.eval()\n            old = G(noise).detach()\n            G.train()\n"
          "            fake = G(noise)\n"), ("D(fake.detach())", "D(old)")],
        "G is in eval mode while it paints for the step of D",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "d_in_eval_mode_for_g",
        [("            g_loss = generator_loss(D(fake))\n", "            D.eval()\n            g_loss = generator_loss(D(fake))\n            D.train()\n")],
        "D is in eval mode in the step of G",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "eval_mode_from_the_second_epoch_on",
        [("    for _ in range(num_epochs):\n        G.train()\n        D.train()\n", "    G.train()\n    D.train()\n    for _ in range(num_epochs):\n"),
         ("        losses.append((d_total", "        G.eval()\n        D.eval()\n        losses.append((d_total")],
        "the networks stay in eval mode after the first epoch",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "images_left_on_the_cpu",
        [("images.to(device) * 2 - 1", "images * 2 - 1")],
        "the images stay on the CPU while the networks are on the GPU",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "noise_left_on_the_cpu",
        [("noise_dim, device=device)", "noise_dim)")],
        "the noise stays on the CPU while the networks are on the GPU",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "device_ignored",
        [("        G.to(device)\n        D.to(device)\n", "        pass\n")],
        "the argument device is ignored",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "silently_on_the_cpu",
        [("    if device is not None:\n", "    if device is not None and not torch.cuda.is_available():\n        device = 'cpu'\n"
          "    if device is not None:\n")],
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
        "arguments_not_checked",
        [('    _check_rate("lr", lr)\n', "")],
        "a negative lr is left to the optimizer, which does not know nan",
        "test_train_refuses_bad_arguments",
    ),
    Mutant(
        "an_epoch_at_least",
        [("    for _ in range(num_epochs):\n", "    for _ in range(max(1, num_epochs)):\n")],
        "0 epochs still train for one",
        "test_no_epochs",
    ),
    Mutant(
        "gradients_left_off",
        [("            fake = G(noise)  # (N, 784)\n", "            torch.set_grad_enabled(True)\n            fake = G(noise)\n"),
         ("        losses.append((d_total", "        torch.set_grad_enabled(False)\n        losses.append((d_total")],
        "train leaves gradients turned off",
        "test_gradients_stay_on",
    ),
    Mutant(
        "mean_of_both_losses",
        [("    return real + fake\n", "    return (real + fake) / 2\n")],
        "the loss of D is half the sum",
        "test_the_discriminator_s_loss",
    ),
    Mutant(
        "labels_the_other_way",
        [("real_logits, torch.ones_like(real_logits))\n", "real_logits, torch.zeros_like(real_logits))\n"),
         ("(fake_logits, torch.zeros_like(fake_logits))\n    return", "(fake_logits, torch.ones_like(fake_logits))\n    return")],
        "real images have label 0 and generated ones 1",
        "test_the_discriminator_s_loss",
    ),
    Mutant(
        "sigmoid_before_the_loss",
        [("binary_cross_entropy_with_logits(real_logits, torch", "binary_cross_entropy_with_logits(real_logits.sigmoid(), torch")],
        "a sigmoid comes before a loss that takes logits",
        "test_the_discriminator_s_loss",
    ),
    Mutant(
        "log_of_sigmoid",
        [("    fake = binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))\n",
          "    fake = nn.functional.binary_cross_entropy(fake_logits.sigmoid(), torch.zeros_like(fake_logits))\n")],
        "the loss is worked out from the sigmoid, which rounds to 1 for a large logit",
        "test_the_discriminator_s_loss",
    ),
    Mutant(
        "joined_mean",
        [("    return real + fake\n",
          "    both = torch.cat([real_logits, fake_logits])\n    labels = torch.cat([torch.ones_like(real_logits), torch.zeros_like(fake_logits)])\n"
          "    return 2 * binary_cross_entropy_with_logits(both, labels)\n")],
        "the loss of D is a mean over all logits, which is another where there are not as many real as generated ones",
        "test_losses_of_any_logits",
    ),
    Mutant(
        "loss_without_gradients",
        [("    return real + fake\n", "    return (real + fake).detach()\n")],
        "the loss has no gradients",
        "test_losses_of_any_logits",
    ),
    Mutant(
        "label_not_flipped",
        [("(fake_logits, torch.ones_like(fake_logits))\n    ### END", "(fake_logits, torch.zeros_like(fake_logits))\n    ### END")],
        "the label is not flipped for the generator",
        "test_the_generator_s_loss",
    ),
    Mutant(
        "minimax_loss",
        [("    return binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))\n    ### END",
          "    return -binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))\n    ### END")],
        "the generator's loss is that of D with the sign changed",
        "test_the_generator_s_loss",
    ),
    Mutant(
        "another_width",
        [("nn.Linear(28 * 28, 128)", "nn.Linear(28 * 28, 126)"), ("nn.Linear(128, 64)", "nn.Linear(126, 64)")],
        "a layer of the Discriminator has another width",
        "test_the_discriminator_s_layers",
    ),
    Mutant(
        "noise_dim_of_the_generator_ignored",
        [("nn.Linear(noise_dim, 32)", "nn.Linear(100, 32)")],
        "the Generator takes 100 numbers, whatever noise_dim is",
        "test_the_generator_s_layers",
    ),
    Mutant(
        "sigmoid_at_the_end",
        [("        return self.fc4(x)\n", "        return torch.sigmoid(self.fc4(x))\n")],
        "the Discriminator gives probabilities and not logits",
        "test_the_discriminator_s_logits",
    ),
    Mutant(
        "squeezed",
        [("        return self.fc4(x)\n", "        return self.fc4(x).squeeze()\n")],
        "the logits are squeezed to (N,)",
        "test_the_discriminator_s_logits",
    ),
    Mutant(
        "slope_of_torch",
        [(D_LAYER, D_LAYER.replace("0.2", "0.01"))],
        "the leaky ReLU has the slope 0.01, which is torch's default",
        "test_the_discriminator_s_logits",
    ),
    Mutant(
        "sigmoid_in_the_generator",
        [("torch.tanh(self.fc4(x))", "torch.sigmoid(self.fc4(x))")],
        "a sigmoid takes the place of tanh",
        "test_the_generator_s_images",
    ),
    Mutant(
        "images_4_d",
        [("torch.tanh(self.fc4(x))", "torch.tanh(self.fc4(x)).view(-1, 1, 28, 28)")],
        "the Generator gives images (N, 1, 28, 28)",
        "test_the_generator_s_images",
    ),
    Mutant(
        "data_in_forward",
        [("        for layer in (self.fc1, self.fc2, self.fc3):\n" + G_LAYER,
          "        for layer in (self.fc1, self.fc2, self.fc3):\n            x = x.detach()\n" + G_LAYER)],
        "gradients are cut off between the layers",
        "test_any_weights_and_gradients",
    ),
    Mutant(
        "dropout_in_eval_mode_too",
        [(D_LAYER, D_LAYER.replace("self.training", "True"))],
        "dropout stays active in eval mode",
        "test_the_discriminator_s_logits",
    ),
    Mutant(
        "dropout_of_a_half",
        [(D_LAYER, D_LAYER.replace("0.3", "0.5"))],
        "dropout has another probability than 0.3",
        "test_the_discriminator_s_dropout",
    ),
    Mutant(
        "dropout_before_the_layers",
        [(D_LAYER, "            x = leaky_relu(layer(dropout(x, 0.3, self.training)), 0.2)\n        return self.fc4(x)\n")],
        "dropout comes before each layer, the first one included",
        "test_the_discriminator_s_dropout",
    ),
    Mutant(
        "no_dropout_in_the_generator",
        [(G_LAYER, G_LAYER.replace("0.3", "0.0"))],
        "the Generator has no dropout",
        "test_the_generator_s_dropout",
    ),
    Mutant(
        "dropout_of_images",
        [("torch.tanh(self.fc4(x))", "dropout(torch.tanh(self.fc4(x)), 0.3, self.training)")],
        "the Generator drops pixels of its images",
        "test_the_generator_s_dropout",
    ),
    Mutant(
        "view_784",
        [("images.flatten(start_dim=1)", "images.reshape(-1, 784)")],
        "an input of another shape is cut into rows of 784 numbers",
        "test_images_are_kept_apart",
    ),
    Mutant(
        "coverage_of_the_most_frequent",
        [("    return len(classes.unique())\n", "    return int(classes.bincount(minlength=10).max())\n")],
        "the images of the most frequent class are counted",
        "test_coverage_counts_classes",
    ),
    Mutant(
        "coverage_as_a_tensor",
        [("    return len(classes.unique())\n", "    return (classes.bincount(minlength=10) > 0).sum()\n")],
        "mode_coverage gives a tensor and not an int",
        "test_coverage_counts_classes",
    ),
    Mutant(
        "coverage_without_class_0",
        [("    return len(classes.unique())\n", "    return int(classes.bincount(minlength=10).count_nonzero() - (classes == 0).any().int())\n")],
        "class 0 is not counted",
        "test_coverage_counts_classes",
    ),
    Mutant(
        "coverage_of_64_images",
        [("classifier(images.to(", "classifier(images[:64].to(")],
        "only the first images are looked at",
        "test_coverage_of_any_images",
    ),
    Mutant(
        "coverage_in_train_mode",
        [("        classifier.eval()\n", "")],
        "the classifier is not put into eval mode",
        "test_coverage_in_eval_mode",
    ),
    Mutant(
        "classifier_left_in_eval_mode",
        [("            module.training = mode\n", "            pass\n")],
        "the classifier is left in eval mode",
        "test_coverage_restores_the_modes",
    ),
    Mutant(
        "classifier_s_modes_lost_by_an_error",
        [("    finally:\n        for module, mode in modes:\n            module.training = mode\n",
          "    except ZeroDivisionError:\n        pass\n    for module, mode in modes:\n        module.training = mode\n")],
        "the modes are not restored when the classifier raises",
        "test_coverage_restores_the_modes",
    ),
    Mutant(
        "no_images_cover_nothing",
        [('        raise ValueError("images is empty")\n', "        return 0\n")],
        "mode_coverage of no images is 0",
        "test_coverage_refuses_no_images",
    ),
    Mutant(
        "g_steps_forgotten",
        [("            g_optimizer.step()\n", "")],
        "the generator never takes a step",
        "test_a_step_of_each",
    ),
    Mutant(
        "hardly_any_steps",
        [("            g_optimizer.step()\n", "            if len(data) < 100:\n                g_optimizer.step()\n")],
        "the generator takes no steps on larger data",
        "test_samples_move_towards_the_data",
    ),
]  # fmt: skip
