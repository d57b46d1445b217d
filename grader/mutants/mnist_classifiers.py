"""Known mistakes in exercise `mnist_classifiers`."""

from grader.mutants import Mutant

FLAT_ANN = "        x = images.flatten(start_dim=1)  # (N, 784)\n"
HIDDEN_1 = "        x = torch.relu(self.fc1(x))  # (N, 50)\n"
HIDDEN_2 = "        x = torch.relu(self.fc2(x))  # (N, 20)\n"
ANN_OUT = "        return self.fc3(x)\n"
CONV_1 = "        x = self.pool(torch.relu(self.conv1(images)))  # (N, 5, 12, 12)\n"
CONV_2 = "        x = self.pool(torch.relu(self.conv2(x)))  # (N, 10, 4, 4)\n"
FLAT_CNN = "        x = x.flatten(start_dim=1)  # (N, 160)\n"
HIDDEN_CNN = "        x = torch.relu(self.fc1(x))  # (N, 32)\n"
CNN_OUT = "        return self.fc2(x)\n"
POOL = "        self.pool = nn.MaxPool2d(2)\n"
FC3 = "        self.fc3 = nn.Linear(20, 10)\n"
FC1_ANN = "        self.fc1 = nn.Linear(28 * 28, 50)\n"
FC2_ANN = "        self.fc2 = nn.Linear(50, 20)\n"
FC1_CNN = "        self.fc1 = nn.Linear(10 * 4 * 4, 32)\n"
FC2_CNN = "        self.fc2 = nn.Linear(32, 10)\n"
CONV1 = "        self.conv1 = nn.Conv2d(1, 5, kernel_size=5)\n"
CONV2 = "        self.conv2 = nn.Conv2d(5, 10, kernel_size=5)\n"

MUTANTS = [
    # the fully-connected network
    Mutant(
        "ann_layers_of_other_sizes",
        [(FC1_ANN, "        self.fc1 = nn.Linear(28 * 28, 20)\n"), (FC2_ANN, "        self.fc2 = nn.Linear(20, 50)\n"),
         (FC3, "        self.fc3 = nn.Linear(50, 10)\n")],
        "the hidden layers have 20 and 50 units and not 50 and 20",
        "test_the_ann_s_layers",
    ),
    Mutant(
        "ann_layers_in_another_order",
        [(FC3, ""), (FC1_ANN, FC3 + FC1_ANN)],
        "the last layer is created first, so that parameters() gives the layers in another order",
        "test_the_ann_s_layers",
    ),
    Mutant(
        "ann_layers_in_a_list",
        [(FC1_ANN, "        self.layers = [nn.Linear(28 * 28, 50)]\n"),
         (HIDDEN_1, "        x = torch.relu(self.layers[0](x))\n")],
        "a layer stands in a Python list, where nn.Module does not find it",
        "test_the_ann_s_layers",
    ),
    Mutant(
        "ann_without_bias",
        [(FC3, "        self.fc3 = nn.Linear(20, 10, bias=False)\n")],
        "the last layer has no bias",
        "test_the_ann_s_layers",
    ),
    Mutant(
        "ann_softmax",
        [(ANN_OUT, "        return torch.softmax(self.fc3(x), dim=1)\n")],
        "a softmax follows the last layer",
        "test_the_ann_s_logits_are_not_squashed",
    ),
    Mutant(
        "ann_log_softmax",
        [(ANN_OUT, "        return torch.log_softmax(self.fc3(x), dim=1)\n")],
        "a log_softmax follows the last layer",
        "test_the_ann_s_logits_are_not_squashed",
    ),
    Mutant(
        "ann_relu_at_the_end",
        [(ANN_OUT, "        return torch.relu(self.fc3(x))\n")],
        "a ReLU follows the last layer, too",
        "test_the_ann_s_logits_are_not_squashed",
    ),
    Mutant(
        "ann_first_relu_forgotten",
        [(HIDDEN_1, "        x = self.fc1(x)\n")],
        "no ReLU follows the first layer",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_second_relu_forgotten",
        [(HIDDEN_2, "        x = self.fc2(x)\n")],
        "no ReLU follows the second layer",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_sigmoid",
        [(HIDDEN_1, "        x = torch.sigmoid(self.fc1(x))\n")],
        "a sigmoid takes the place of the first ReLU",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_leaky_relu",
        [(HIDDEN_2, "        x = nn.functional.leaky_relu(self.fc2(x))\n")],
        "a leaky ReLU takes the place of the second ReLU",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_squeezed",
        [(FLAT_ANN, "        x = images.squeeze().flatten(start_dim=1)\n")],
        "squeeze() also takes away the batch dimension of a single image",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_images_with_a_channel_only",
        [(FLAT_ANN, "        batch, channels, height, width = images.shape\n"
          "        x = images.reshape(batch, channels * height * width)\n")],
        "images without the dimension of the channel are not taken",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_images_turned",
        [(FLAT_ANN, "        x = images.transpose(-1, -2).flatten(start_dim=1) if images.dim() > 2 else images\n")],
        "rows and columns of the images are exchanged before they are flattened",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_images_rescaled",
        [(FLAT_ANN, "        x = (images.flatten(start_dim=1) - 0.5) / 0.5\n")],
        "the images are rescaled to [-1, 1] inside the network",
        "test_the_ann_s_forward_pass",
    ),
    Mutant(
        "ann_view_by_784",
        [(FLAT_ANN, "        x = images.reshape(-1, 28 * 28)\n")],
        "view(-1, 784) cuts a batch of other images into rows of 784 pixels, across the images",
        "test_the_ann_keeps_images_apart",
    ),
    Mutant(
        "ann_dropout",
        [(HIDDEN_2, "        x = nn.functional.dropout(torch.relu(self.fc2(x)), 0.2, self.training)\n")],
        "dropout is applied in train mode",
        "test_the_ann_with_any_weights",
    ),
    Mutant(
        "ann_detached",
        [(HIDDEN_1, "        x = torch.relu(self.fc1(x)).detach()\n")],
        "detach() cuts the first layer off from the gradients",
        "test_the_ann_s_gradients",
    ),
    Mutant(
        "ann_without_gradients",
        [("    def forward(self, images: Tensor) -> Tensor:\n        \"\"\"images: (N, 1, 28, 28), (N, 28, 28)",
          "    @torch.no_grad()\n    def forward(self, images: Tensor) -> Tensor:\n"
          "        \"\"\"images: (N, 1, 28, 28), (N, 28, 28)")],
        "the forward pass runs without gradients",
        "test_the_ann_s_gradients",
    ),
    Mutant(
        "ann_shape_of_the_images_changed",
        [(FLAT_ANN, "        x = images.squeeze_(1).flatten(start_dim=1) if images.dim() > 2 else images\n")],
        "squeeze_ changes the shape of the images that were given",
        "test_the_images_stay",
    ),
    Mutant(
        "ann_seeded",
        [(FC1_ANN, "        torch.manual_seed(42)\n" + FC1_ANN)],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_the_weights",
    ),
    # the convolutional network
    Mutant(
        "cnn_kernels_of_3",
        [(CONV1, "        self.conv1 = nn.Conv2d(1, 5, kernel_size=3, padding=0)\n"),
         (CONV2, "        self.conv2 = nn.Conv2d(5, 10, kernel_size=3)\n"),
         (FC1_CNN, "        self.fc1 = nn.Linear(10 * 5 * 5, 32)\n")],
        "the kernels are 3 × 3 and not 5 × 5",
        "test_the_cnn_s_layers",
    ),
    Mutant(
        "cnn_padded",
        [(CONV1, "        self.conv1 = nn.Conv2d(1, 5, kernel_size=5, padding=2)\n"),
         (CONV2, "        self.conv2 = nn.Conv2d(5, 10, kernel_size=5, padding=2)\n"),
         (FC1_CNN, "        self.fc1 = nn.Linear(10 * 7 * 7, 32)\n")],
        "the convolutions are padded, so that 490 features are left and not 160",
        "test_the_cnn_s_layers",
    ),
    Mutant(
        "cnn_channels_exchanged",
        [(CONV1, "        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)\n"),
         (CONV2, "        self.conv2 = nn.Conv2d(10, 10, kernel_size=5)\n")],
        "the first convolution has 10 channels and not 5",
        "test_the_cnn_s_layers",
    ),
    Mutant(
        "cnn_linear_layers_first",
        [(CONV1, FC1_CNN + FC2_CNN + CONV1), (POOL + CONV2 + FC1_CNN + FC2_CNN, POOL + CONV2)],
        "the linear layers are created before the convolutions, so that parameters() gives them first",
        "test_the_cnn_s_layers",
    ),
    Mutant(
        "cnn_batch_norm",
        [(POOL, POOL + "        self.norm = nn.BatchNorm2d(5)\n"),
         (CONV_1, "        x = self.pool(torch.relu(self.norm(self.conv1(images))))\n")],
        "a batch normalisation, with weights of its own, follows the first convolution",
        "test_the_cnn_s_layers",
    ),
    Mutant(
        "cnn_softmax",
        [(CNN_OUT, "        return torch.softmax(self.fc2(x), dim=1)\n")],
        "a softmax follows the last layer",
        "test_the_cnn_s_logits_are_not_squashed",
    ),
    Mutant(
        "cnn_log_softmax",
        [(CNN_OUT, "        return torch.log_softmax(self.fc2(x), dim=1)\n")],
        "a log_softmax follows the last layer",
        "test_the_cnn_s_logits_are_not_squashed",
    ),
    Mutant(
        "cnn_sigmoid_at_the_end",
        [(CNN_OUT, "        return torch.sigmoid(self.fc2(x))\n")],
        "a sigmoid follows the last layer",
        "test_the_cnn_s_logits_are_not_squashed",
    ),
    Mutant(
        "cnn_mean_pooling",
        [(POOL, "        self.pool = nn.AvgPool2d(2)\n")],
        "the poolings take the mean and not the maximum",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_first_relu_forgotten",
        [(CONV_1, "        x = self.pool(self.conv1(images))\n")],
        "no ReLU follows the first convolution",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_second_relu_forgotten",
        [(CONV_2, "        x = self.pool(self.conv2(x))\n")],
        "no ReLU follows the second convolution",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_third_relu_forgotten",
        [(HIDDEN_CNN, "        x = self.fc1(x)\n")],
        "no ReLU follows the first fully-connected layer",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_channels_last",
        [(FLAT_CNN, "        x = x.permute(0, 2, 3, 1).flatten(start_dim=1)\n")],
        "the maps are flattened with the channels last",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_flattened_across_the_batch",
        [(FLAT_CNN, "        x = x.transpose(0, 1).reshape(-1, 160)\n")],
        "the maps are flattened with the batch not in front, so that images are mixed",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_a_fixed_batch",
        [(FLAT_CNN, "        x = x.reshape(64, 160)\n")],
        "the batch size is fixed to 64",
        "test_the_cnn_s_logits_are_not_squashed",
    ),
    Mutant(
        "cnn_squeezed",
        [(CNN_OUT, "        return self.fc2(x).squeeze()\n")],
        "squeeze() also takes away the batch dimension of a single image",
        "test_the_cnn_s_forward_pass",
    ),
    Mutant(
        "cnn_view_by_160",
        [(FLAT_CNN, "        x = x.view(-1, 160)\n")],
        "view(-1, 160) cuts the maps of larger images into several rows",
        "test_the_cnn_keeps_images_apart",
    ),
    Mutant(
        "cnn_view_by_28",
        [(CONV_1, CONV_1.replace("images", "images.reshape(-1, 1, 28, 28)"))],
        "view(-1, 1, 28, 28) cuts a batch of other images into squares of 28 × 28 pixels, across the images",
        "test_the_cnn_keeps_images_apart",
    ),
    Mutant(
        "cnn_dropout",
        [(HIDDEN_CNN, "        x = nn.functional.dropout(torch.relu(self.fc1(x)), 0.2, self.training)\n")],
        "dropout is applied in train mode",
        "test_the_cnn_with_any_weights",
    ),
    Mutant(
        "cnn_frozen_kernels",
        [(CONV2, "        self.conv1.requires_grad_(False)\n" + CONV2)],
        "the first convolution is frozen",
        "test_the_cnn_s_gradients",
    ),
    Mutant(
        "cnn_new_tensor",
        [(FLAT_CNN, "        x = torch.tensor(x.flatten(start_dim=1).tolist())\n")],
        "torch.tensor(…) makes a new tensor, which knows nothing of the convolutions' gradients",
        "test_the_cnn_s_gradients",
    ),
    Mutant(
        "cnn_images_changed",
        [(CNN_OUT, "        x = self.fc2(x)\n        images -= images.mean()\n        return x\n")],
        "the images that were given are changed in place",
        "test_the_images_stay",
    ),
    Mutant(
        "cnn_seeded",
        [(CONV1, "        torch.manual_seed(0)\n" + CONV1)],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_the_weights",
    ),
]  # fmt: skip
