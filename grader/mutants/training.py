"""Known mistakes in exercise `training`."""

from grader.mutants import Mutant

CLEAR = "            optimizer.zero_grad()\n"

MUTANTS = [
    Mutant(
        "gradients_never_cleared",
        [(CLEAR, "")],
        "gradients are never cleared, so that each step adds those of all steps before",
        "test_steps_of_momentum",
    ),
    Mutant(
        "gradients_cleared_once_an_epoch",
        [(CLEAR, ""), ("        model.train()\n", "        model.train()\n        optimizer.zero_grad()\n")],
        "gradients are cleared once an epoch and not before each backward pass",
        "test_the_batches_replayed",
    ),
    Mutant(
        "gradients_cleared_after_the_step",
        [(CLEAR, ""), ("            optimizer.step()\n", "            optimizer.step()\n            optimizer.zero_grad()\n")],
        "gradients are cleared after the step only, so that those from before the call enter the first one",
        "test_old_gradients_do_not_count",
    ),
    Mutant(
        "a_new_optimizer_each_epoch",
        [("        model.train()\n", "        model.train()\n"
          "        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)\n")],
        "a new optimizer is made each epoch, which forgets the momentum",
        "test_steps_of_momentum",
    ),
    Mutant(
        "no_momentum",
        [("lr=lr, momentum=momentum)", "lr=lr)")],
        "the momentum is not handed to the optimizer",
        "test_steps_of_momentum",
    ),
    Mutant(
        "loss_divided_by_the_batch_size",
        [("losses.append(loss.item())", "losses.append(loss.item() / batch_size)")],
        "a loss that is a mean already is divided by the batch size again",
        "test_losses_are_means",
    ),
    Mutant(
        "summed_loss",
        [("cross_entropy(logits, labels.to(device))", "cross_entropy(logits, labels.to(device), reduction='sum')")],
        "the loss is summed over the mini-batch and not averaged",
        "test_losses_are_means",
    ),
    Mutant(
        "no_shuffle",
        [("batch_size, shuffle=True", "batch_size")],
        "the training data are not shuffled",
        "test_every_sample_once_an_epoch",
    ),
    Mutant(
        "shuffled_once",
        [("    loader = DataLoader(train_data, batch_size, shuffle=True)\n",
          "    order = torch.randperm(len(train_data)).tolist()\n"
          "    loader = DataLoader(torch.utils.data.Subset(train_data, order), batch_size)\n")],
        "the data are shuffled once and not anew each epoch",
        "test_every_sample_once_an_epoch",
    ),
    Mutant(
        "last_batch_dropped",
        [("batch_size, shuffle=True", "batch_size, shuffle=True, drop_last=True")],
        "the smaller last mini-batch is dropped",
        "test_the_history",
    ),
    Mutant(
        "a_fixed_seed",
        [("    loader = DataLoader(", "    torch.manual_seed(42)\n    loader = DataLoader(")],
        "train sets the seed itself, so that every run is the same",
        "test_the_same_seed_gives_the_same_result",
    ),
    Mutant(
        "never_in_train_mode",
        [("        model.train()\n", "")],
        "the model is not put into train mode for the updates",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "accuracy_in_train_mode",
        [("        model.eval()\n", "")],
        "the accuracy is measured in train mode, where dropout is active",
        "test_accuracy_in_eval_mode",
    ),
    Mutant(
        "modes_not_restored",
        [("            module.training = mode\n", "            pass\n")],
        "the model is left in eval mode",
        "test_accuracy_restores_the_modes",
    ),
    Mutant(
        "everything_to_train_mode",
        [("            module.training = mode\n", "            module.training = modes[0][1]\n")],
        "all submodules get the mode that the whole model had",
        "test_accuracy_restores_the_modes",
    ),
    Mutant(
        "modes_lost_by_an_error",
        [("    finally:\n        for module, mode in modes:\n            module.training = mode\n",
          "    except ZeroDivisionError:\n        pass\n    for module, mode in modes:\n        module.training = mode\n")],
        "the modes are not restored when the model raises",
        "test_accuracy_restores_the_modes_after_an_error",
    ),
    Mutant(
        "accuracy_with_gradients",
        [("with torch.no_grad():", "with torch.enable_grad():")],
        "the accuracy is measured with gradients on",
        "test_accuracy_without_gradients",
    ),
    Mutant(
        "mean_of_batch_accuracies",
        [("    return correct / len(data)\n", "    return correct / (-(-len(data) // batch_size) * batch_size)\n")],
        "the right answers are divided by the number of batches times the batch size",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "percent",
        [("    return correct / len(data)\n", "    return 100 * correct / len(data)\n")],
        "the accuracy is given in percent",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "loss_as_a_tensor",
        [("losses.append(loss.item())", "losses.append(loss)")],
        "losses holds tensors, with their graphs, and not floats",
        "test_the_history",
    ),
    Mutant(
        "accuracy_of_the_last_batch",
        [("train_acc.append(get_accuracy(model, train_data, batch_size))",
          "train_acc.append((logits.argmax(1) == labels.to(device)).float().mean().item())")],
        "train_acc is the accuracy of the last mini-batch and not of the whole set",
        "test_accuracies_of_the_history",
    ),
    Mutant(
        "accuracy_before_the_epoch",
        [("        train_acc.append(get_accuracy(model, train_data, batch_size))\n", ""),
         ("        model.train()\n", "        train_acc.append(get_accuracy(model, train_data, batch_size))\n"
          "        model.train()\n")],
        "train_acc is measured before the epoch and not after",
        "test_accuracies_are_those_after_the_epoch",
    ),
    Mutant(
        "iters_start_anew",
        [("        model.train()\n", "        model.train()\n        start = len(iters)\n"),
         ("iters.append(len(iters))", "iters.append(len(iters) - start)")],
        "iters starts at 0 again in every epoch",
        "test_the_history",
    ),
    Mutant(
        "images_left_on_the_cpu",
        [("logits = model(images.to(device))", "logits = model(images)")],
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
        [('    _check_samples("train_data", train_data)\n', "    if len(train_data) == 0:\n"
          '        return {"iters": [], "losses": [], "train_acc": [], "val_acc": []}\n')],
        "empty training data are taken without an error",
        "test_train_refuses_bad_arguments",
    ),
    Mutant(
        "gradients_left_off",
        [("        with torch.no_grad():\n", "        torch.set_grad_enabled(False)\n        if True:\n")],
        "get_accuracy turns gradients off for good",
        "test_accuracy_without_gradients",
    ),
    Mutant(
        "adam",
        [("torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)", "torch.optim.Adam(model.parameters(), lr=lr)")],
        "Adam takes the place of SGD",
        "test_steps_of_momentum",
    ),
]  # fmt: skip
