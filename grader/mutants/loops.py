"""Known mistakes in get_accuracy over a loader and in a training loop with Adam, which several exercises share."""

from grader.mutants import Mutant

CLEAR = "            optimizer.zero_grad()\n"
STEP = "            optimizer.step()\n"
TRAIN = "        model.train()\n"

LOOP_MUTANTS = [
    # get_accuracy
    Mutant(
        "accuracy_by_the_batch",
        [("correct += (predictions == labels.to(device)).sum().item()", "correct += (predictions == labels.to(device)).float().mean().item()"),
         ("                total += len(labels)\n", "                total += 1\n")],
        "the accuracies of the batches are averaged, although batches differ in size",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "percent",
        [("    return correct / total\n", "    return 100 * correct / total\n")],
        "the accuracy is given in percent",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "accuracy_as_a_tensor",
        [("(predictions == labels.to(device)).sum().item()", "(predictions == labels.to(device)).sum()")],
        "the accuracy is a tensor and not a float",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "accuracy_of_the_last_batch",
        [("                correct += (predictions", "                correct = (predictions"),
         ("                total += len(labels)\n", "                total = len(labels)\n")],
        "only the last batch counts",
        "test_accuracy_is_the_share_of_right_answers",
    ),
    Mutant(
        "accuracy_over_the_data_set",
        [("    return correct / total\n", "    return correct / len(loader.dataset)\n")],
        "the number of samples is taken from the loader's data set, which not every loader has",
        "test_accuracy_on_any_loader",
    ),
    Mutant(
        "accuracy_in_train_mode",
        [("        model.eval()\n", "")],
        "the accuracy is measured in train mode, where dropout is active",
        "test_accuracy_in_eval_mode",
    ),
    Mutant(
        "history_in_train_mode",
        [('_accuracy(model, valid_loader, "valid_loader")', "sum((model(x.to(device)).argmax(1) == y.to(device)).sum().item() for x, y in valid_loader) / sum(len(y) for _, y in valid_loader)")],
        "valid_acc is measured in train mode",
        "test_accuracies_of_the_history",
    ),
    Mutant(
        "modes_not_restored",
        [("            module.training = mode\n", "            pass\n")],
        "the model is left in eval mode",
        "test_accuracy_restores_the_modes",
    ),
    Mutant(
        "everything_to_the_models_mode",
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
        [("        with torch.no_grad():\n", "        if True:\n")],
        "the accuracy is measured with gradients on",
        "test_accuracy_without_gradients",
    ),
    Mutant(
        "gradients_turned_off",
        [("        with torch.no_grad():\n", "        torch.set_grad_enabled(False)\n        if True:\n")],
        "get_accuracy turns gradients off for good",
        "test_accuracy_without_gradients",
    ),
    Mutant(
        "gradients_left_off",
        [("    return history\n", "    torch.set_grad_enabled(False)\n    return history\n")],
        "gradients are off after the training",
        "test_gradients_stay_on",
    ),
    # the history
    Mutant(
        "loss_of_the_last_batch",
        [('history["losses"].append(summed / samples)', 'history["losses"].append(loss.item())')],
        "losses has the loss of each epoch's last batch and not the mean over its samples",
        "test_losses_are_means",
    ),
    Mutant(
        "mean_over_the_batches",
        [("loss.item() * len(labels)", "loss.item()"), ("            samples += len(labels)\n", "            samples += 1\n")],
        "the losses of the batches are averaged, although batches differ in size",
        "test_losses_are_means",
    ),
    Mutant(
        "loss_divided_twice",
        [("loss.item() * len(labels)", "loss.item()")],
        "a loss that is a mean already is divided by the number of samples again",
        "test_losses_are_means",
    ),
    Mutant(
        "losses_run_on",
        [("        summed, samples = 0.0, 0\n", ""), ("    history: dict", "    summed, samples = 0.0, 0\n    history: dict")],
        "the sum of the losses is not started anew in each epoch",
        "test_steps_of_adam",
    ),
    Mutant(
        "losses_as_tensors",
        [("loss.item() * len(labels)", "loss * len(labels)")],
        "losses holds tensors, with their graphs, and not floats",
        "test_the_history",
    ),
    Mutant(
        "epochs_from_zero",
        [('history["epochs"].append(epoch)', 'history["epochs"].append(epoch - 1)')],
        "epochs are counted from 0",
        "test_every_fifth_epoch_is_reported",
    ),
    Mutant(
        "reported_too_early",
        [("if epoch % REPORT_EVERY == 0:", "if epoch % REPORT_EVERY == 1:")],
        "the first and the sixth epoch are reported and not the fifth and the tenth",
        "test_every_fifth_epoch_is_reported",
    ),
    Mutant(
        "every_epoch_reported",
        [("        if epoch % REPORT_EVERY == 0:\n", "        if True:\n")],
        "every epoch is reported and not every fifth",
        "test_every_fifth_epoch_is_reported",
    ),
    Mutant(
        "accuracies_before_the_updates",
        [('_accuracy(model, train_loader, "train_loader"))', "before[0])"), ('_accuracy(model, valid_loader, "valid_loader"))', "before[1])"),
         (TRAIN, '        before = [_accuracy(model, loader, "loader") for loader in (train_loader, valid_loader)]\n' + TRAIN)],
        "the accuracies are measured before the epoch's updates",
        "test_accuracies_of_the_history",
    ),
    Mutant(
        "training_accuracy_twice",
        [('_accuracy(model, valid_loader, "valid_loader")', '_accuracy(model, train_loader, "valid_loader")')],
        "valid_acc is measured on the training data",
        "test_accuracies_of_the_history",
    ),
    # the updates
    Mutant(
        "gradients_never_cleared",
        [(CLEAR, "")],
        "gradients are never cleared, so that each step adds those of all steps before",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_cleared_once_an_epoch",
        [(CLEAR, ""), (TRAIN, TRAIN + "        optimizer.zero_grad()\n")],
        "gradients are cleared once an epoch and not before each backward pass",
        "test_steps_of_adam",
    ),
    Mutant(
        "gradients_cleared_after_the_step",
        [(CLEAR, ""), (STEP, STEP + CLEAR)],
        "gradients are cleared after the step only, so that those from before the call enter the first one",
        "test_old_gradients_do_not_count",
    ),
    Mutant(
        "a_new_optimizer_each_epoch",
        [(TRAIN, TRAIN + "        optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)\n")],
        "a new optimizer is made each epoch, which forgets Adam's moments",
        "test_steps_of_adam",
    ),
    Mutant(
        "sgd",
        [("torch.optim.Adam(", "torch.optim.SGD(")],
        "SGD takes the place of Adam",
        "test_steps_of_adam",
    ),
    Mutant(
        "adamw",
        [("torch.optim.Adam(", "torch.optim.AdamW(")],
        "AdamW, which has a weight decay of its own, takes the place of Adam",
        "test_steps_of_adam",
    ),
    Mutant(
        "adam_with_decay",
        [("model.parameters(), lr=learning_rate)", "model.parameters(), lr=learning_rate, weight_decay=0.05)")],
        "Adam has a weight decay",
        "test_steps_of_adam",
    ),
    Mutant(
        "one_step_an_epoch",
        [(STEP, ""), ("        if samples == 0:\n", "        optimizer.step()\n        if samples == 0:\n")],
        "the optimizer makes one step an epoch, with the last batch's gradients",
        "test_steps_of_adam",
    ),
    Mutant(
        "first_batch_only",
        [("            samples += len(labels)\n", "            samples += len(labels)\n            break\n")],
        "the loop ends after the first batch",
        "test_losses_are_means",
    ),
    Mutant(
        "rate_ignored",
        [("lr=learning_rate)", "lr=1e-3)")],
        "the learning rate is not handed to the optimizer",
        "test_losses_are_means",
    ),
    Mutant(
        "default_rate_of_adam",
        [("learning_rate: float = 1e-5", "learning_rate: float = 1e-3")],
        "the default of learning_rate is Adam's, 1e-3, and not 1e-5",
        "test_the_default_rate",
    ),
    Mutant(
        "never_in_train_mode",
        [(TRAIN, "")],
        "the model is not put into train mode for the updates",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "train_mode_once",
        [(TRAIN, ""), ("    for epoch in range(1,", "    model.train()\n    for epoch in range(1,"),
         ("            module.training = mode\n", "            pass\n")],
        "the model is put into train mode once, and the first accuracy takes it out again",
        "test_updates_in_train_mode",
    ),
    Mutant(
        "rate_decays",
        [(TRAIN, TRAIN + "        optimizer.param_groups[0]['lr'] = learning_rate * 0.8 ** max(0, epoch - 6)\n")],
        "the learning rate is made smaller after some epochs",
        "test_any_training_replayed",
    ),
    Mutant(
        "a_fixed_seed",
        [("    optimizer = torch", "    torch.manual_seed(42)\n    optimizer = torch")],
        "the trainer sets the seed itself, so that every run is the same",
        "test_the_seed_is_the_callers",
    ),
    Mutant(
        "two_hundred_samples_an_epoch",
        [("            samples += len(labels)\n", "            samples += len(labels)\n            if samples >= 200:\n                break\n")],
        "an epoch ends after 200 samples",
        "test_it_learns_from_tweets",
    ),
    # corners
    Mutant(
        "negative_epochs_accepted",
        [('    _check_count("num_epochs", num_epochs, at_least=0)\n', "")],
        "a negative num_epochs is taken for none",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "rate_unchecked",
        [('    _check_rate("learning_rate", learning_rate)\n', "")],
        "learning_rate is not checked",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "an_epoch_at_least",
        [("range(1, num_epochs + 1)", "range(1, max(num_epochs, 1) + 1)")],
        "one epoch is trained where none is asked for",
        "test_no_epochs",
    ),
    Mutant(
        "empty_loader_is_zero",
        [('        raise ValueError(f"{name} gives no batch")\n', "        return 0.0\n")],
        "a loader without a batch has the accuracy 0",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "empty_training_loader_is_a_division",
        [('        if samples == 0:\n            raise ValueError("train_loader gives no batch")\n', "")],
        "a loader without a batch ends in a division by zero",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "inputs_left_on_the_cpu",
        [("logits = model(inputs.to(device))", "logits = model(inputs)")],
        "the inputs stay on the CPU while the model is on the GPU",
        "test_on_a_cuda_device",
    ),
    Mutant(
        "labels_left_on_the_cpu",
        [("(predictions == labels.to(device))", "(predictions == labels)")],
        "the labels stay on the CPU while the predictions are on the GPU",
        "test_on_a_cuda_device",
    ),
]  # fmt: skip
