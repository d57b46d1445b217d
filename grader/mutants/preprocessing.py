"""Known mistakes in exercise `preprocessing`."""

from grader.mutants import Mutant

RESHAPE = "    return tensor.reshape(-1, 1, 1) if tensor.dim() else tensor\n"
STD_CHECK = "    if not bool((std > 0).all()):\n"
NORMALIZED = "    return (images - mean) / std\n"
LENGTHS = "    if tensor.dim() > 1 or (tensor.dim() == 1 and len(tensor) != images.shape[1]):\n"
CONSTANT = "    constant = train.amax(dim=0) - train.amin(dim=0) <= 4 * torch.finfo(train.dtype).eps * largest\n"
STATISTICS = "    mean, std = train.mean(dim=0), train.std(dim=0, correction=0)\n"
STD_OF_CONSTANT = "    std = torch.where(constant, 1.0, std)\n"
PAIR = "    return tuple(torch.where(constant, 0.0, (table - mean) / std) for table in (train, test))\n"
LOW_HIGH = "    low, high = x.amin(dim=0), x.amax(dim=0)\n"
SCALED = "    return (x - low) / torch.where(high > low, high - low, 1.0)\n"
ANGLES = "    angles = (2 * _uniform(images, generator) - 1) * math.radians(degrees)\n"
SAMPLED = '    return functional.grid_sample(images, grid, padding_mode="zeros", align_corners=False)\n'
DEGREES_CHECK = '    _check_number("degrees", degrees, at_least=0)\n'
PIXELS_CHECK = '    _check_number("pixels", pixels, at_least=0)\n'
STARTS = "    starts = torch.randint(0, 2 * pixels + 1, (len(images), 2), generator=generator).tolist()\n"
PADDED = "    padded = functional.pad(images, [pixels] * 4)\n"
FLIPPED = "    flipped = (_uniform(images, generator) < p).view(-1, 1, 1, 1)\n"
MIRRORED = "    return torch.where(flipped, images.flip(-1), images)\n"
P_CHECK = '    _check_number("p", p, at_least=0, at_most=1)\n'
NOISE = "    noise = torch.randn(images.shape, generator=generator, dtype=images.dtype).to(images.device)\n"
NOISY = "    return (images + std * noise).clamp(0, 1)\n"
NOISE_CHECK = '    _check_number("std", std, at_least=0)\n'
TURNED = "    turned = random_rotate(images, 10, generator)\n"
MIXED = "    return add_noise(random_shift(turned, 1, generator), 0.05, generator)\n"

MUTANTS = [
    # scaling
    Mutant(
        "mean_along_the_columns",
        [(RESHAPE, "    return tensor\n")],
        "mean and std meet the columns of the images and not their channels",
        "test_normalize",
    ),
    Mutant(
        "multiplied_by_std",
        [(NORMALIZED, "    return (images - mean) * std\n")],
        "the images are multiplied by std and not divided",
        "test_normalize",
    ),
    Mutant(
        "divided_before",
        [(NORMALIZED, "    return images / std - mean\n")],
        "the mean is subtracted after the division",
        "test_normalize",
    ),
    Mutant(
        "normalized_in_place",
        [(NORMALIZED, "    return images.sub_(mean).div_(std)\n")],
        "sub_ and div_ change the images that were given",
        "test_dtypes_and_arguments_stay",
    ),
    Mutant(
        "any_std",
        [(STD_CHECK, "    if False:\n")],
        "a std of 0 is taken",
        "test_bad_arguments",
    ),
    Mutant(
        "first_std_checked",
        [(STD_CHECK, "    if not bool(std.flatten()[0] > 0):\n")],
        "only the first channel's std is looked at",
        "test_bad_arguments",
    ),
    Mutant(
        "any_length",
        [(LENGTHS, "    tensor = tensor.flatten()[: images.shape[1]] if tensor.dim() else tensor\n    if tensor.dim() > 1:\n")],
        "a sequence of another length is taken",
        "test_bad_arguments",
    ),
    Mutant(
        "sample_deviation",
        [(STATISTICS, STATISTICS.replace(", correction=0", ""))],
        "the deviation divides by N - 1, as torch.std does by default",
        "test_standardize",
    ),
    Mutant(
        "statistics_of_both_parts",
        [(STATISTICS, "    both = torch.cat([train, test])\n    mean, std = both.mean(dim=0), both.std(dim=0, correction=0)\n")],
        "mean and deviation are those of training and test part together",
        "test_standardize",
    ),
    Mutant(
        "each_part_by_its_own",
        [(PAIR, "    own = (test - test.mean(dim=0)) / test.std(dim=0, correction=0)\n"
          "    return torch.where(constant, 0.0, (train - mean) / std), torch.where(constant, 0.0, own)\n")],
        "the test part is standardised by its own mean and deviation",
        "test_standardize",
    ),
    Mutant(
        "rows_standardised",
        [(STATISTICS, "    mean, std = train.mean(), train.std(correction=0).expand(train.shape[1])\n")],
        "all columns share one mean and one deviation",
        "test_standardize",
    ),
    Mutant(
        "variance_for_deviation",
        [(STATISTICS, STATISTICS.replace("train.std(", "train.var("))],
        "the columns are divided by the variance",
        "test_standardize",
    ),
    Mutant(
        "constant_columns_divided",
        [(STD_OF_CONSTANT, ""), (PAIR, "    return tuple((table - mean) / std for table in (train, test))\n")],
        "constant columns are divided by a deviation of 0",
        "test_constant_columns",
    ),
    Mutant(
        "constant_by_its_deviation",
        [(CONSTANT, ""), (STATISTICS, STATISTICS + "    constant = std == 0\n")],
        "a column is taken for constant only where its deviation is exactly 0, which rounding prevents",
        "test_constant_columns",
    ),
    Mutant(
        "constant_in_the_test_part_left",
        [(PAIR, "    return tuple((table - mean) / std for table in (train, test))\n")],
        "constant columns are centred, but not 0 in the test part",
        "test_constant_columns",
    ),
    Mutant(
        "no_rows_accepted",
        [('    _check_rows("train", train)\n', "    if len(train) == 0:\n        return train, test\n")],
        "a training part without rows is taken",
        "test_bad_arguments",
    ),
    Mutant(
        "range_of_the_table",
        [(LOW_HIGH, "    low, high = x.min().expand(x.shape[1]), x.max().expand(x.shape[1])\n")],
        "the whole table is scaled by its smallest and largest number",
        "test_min_max_scale",
    ),
    Mutant(
        "divided_by_the_largest",
        [(SCALED, SCALED.replace("high - low, 1.0", "high, 1.0"))],
        "the columns are divided by their largest number and not by their range",
        "test_min_max_scale",
    ),
    Mutant(
        "constant_column_not_a_number",
        [(SCALED, "    return (x - low) / (high - low)\n")],
        "a constant column is divided by 0",
        "test_min_max_scale",
    ),
    Mutant(
        "range_nudged",
        [(SCALED, "    return (x - low) / (high - low + 0.01)\n")],
        "a small number is added to every range, so that 1 is not reached",
        "test_min_max_scale",
    ),
    # rotations
    Mutant(
        "radians",
        [(ANGLES, ANGLES.replace("math.radians(degrees)", "degrees"))],
        "degrees are taken for radians",
        "test_rotations",
    ),
    Mutant(
        "one_direction",
        [(ANGLES, ANGLES.replace("(2 * _uniform(images, generator) - 1)", "_uniform(images, generator)"))],
        "the angles lie between 0 and degrees",
        "test_rotations",
    ),
    Mutant(
        "one_angle_for_all",
        [(ANGLES, ANGLES.replace("_uniform(images, generator)", "_uniform(images, generator)[:1].expand(len(images))"))],
        "all images of a batch share one angle",
        "test_rotations",
    ),
    Mutant(
        "the_largest_angle",
        [(ANGLES, ANGLES.replace("(2 * _uniform(images, generator) - 1)", "(2 * _uniform(images, generator) - 1).sign()"))],
        "every image is turned by the largest angle",
        "test_rotations",
    ),
    Mutant(
        "border_flows_in",
        [(SAMPLED, SAMPLED.replace('"zeros"', '"border"'))],
        "the border's pixels flow in and not zeros",
        "test_rotations",
    ),
    Mutant(
        "centre_at_a_corner",
        [("sin * width / height, cos, none]", "sin * width / height, cos, sin]")],
        "the centre of the rotation is not that of the image",
        "test_rotations",
    ),
    Mutant(
        "grids_that_do_not_fit",
        [(SAMPLED, SAMPLED.replace("align_corners=False", "align_corners=True"))],
        "affine_grid and grid_sample count differently (align_corners), so that the image shrinks a little",
        "test_rotations",
    ),
    Mutant(
        "single_precision",
        [(SAMPLED, SAMPLED.replace("(images, grid", "(images.float(), grid.float()"))],
        "images in float64 come back as float32",
        "test_dtypes_and_arguments_stay",
    ),
    Mutant(
        "any_degrees",
        [(DEGREES_CHECK, "")],
        "degrees is not checked",
        "test_bad_arguments",
    ),
    # shifts
    Mutant(
        "largest_shift_left_out",
        [(STARTS, STARTS.replace("2 * pixels + 1", "max(2 * pixels, 1)"))],
        "the shift by +pixels is left out: the end of randint's range does not belong to it",
        "test_shifts",
    ),
    Mutant(
        "rolled",
        [(PADDED, PADDED.replace("[pixels] * 4)", '[min(pixels, *images.shape[-2:])] * 4, mode="circular")'))],
        "what leaves on one side comes back on the other",
        "test_shifts",
    ),
    Mutant(
        "one_shift_for_all",
        [(STARTS, STARTS.replace(".tolist()", "[:1].expand(len(images), 2).tolist()"))],
        "all images of a batch share one shift",
        "test_shifts",
    ),
    Mutant(
        "shifted_along_the_diagonal",
        [(STARTS, STARTS.replace(".tolist()", "[:, :1].expand(-1, 2).tolist()"))],
        "both axes share one shift",
        "test_shifts",
    ),
    Mutant(
        "one_axis",
        [("image[:, y : y + height, x : x + width]", "image[:, y : y + height, pixels : pixels + width]")],
        "images are shifted up and down only",
        "test_shifts",
    ),
    Mutant(
        "negative_pixels",
        [(PIXELS_CHECK, "    pixels = abs(pixels)\n")],
        "a negative number of pixels is taken",
        "test_bad_arguments",
    ),
    # flips
    Mutant(
        "upside_down",
        [(MIRRORED, MIRRORED.replace("flip(-1)", "flip(-2)"))],
        "images are mirrored top to bottom",
        "test_flips",
    ),
    Mutant(
        "p_keeps",
        [(FLIPPED, FLIPPED.replace("< p", ">= p"))],
        "p is taken for the probability to stay",
        "test_flips",
    ),
    Mutant(
        "one_flip_for_all",
        [(FLIPPED, FLIPPED.replace("_uniform(images, generator) < p", "torch.rand(1, generator=generator) < p"))],
        "all images of a batch are mirrored, or none",
        "test_flips",
    ),
    Mutant(
        "batch_reversed",
        [(MIRRORED, MIRRORED.replace("images.flip(-1)", "images.flip(0)"))],
        "the order of the batch is turned round and not the images",
        "test_flips",
    ),
    Mutant(
        "any_probability",
        [(P_CHECK, "")],
        "p is not checked",
        "test_bad_arguments",
    ),
    # noise
    Mutant(
        "uniform_noise",
        [(NOISE, NOISE.replace("torch.randn(images.shape", "3.46 * -0.5 + 3.46 * torch.rand(images.shape"))],
        "the noise is uniform",
        "test_noise",
    ),
    Mutant(
        "variance_of_the_noise",
        [(NOISY, NOISY.replace("std * noise", "std**0.5 * noise"))],
        "std is taken for the variance",
        "test_noise",
    ),
    Mutant(
        "not_clamped",
        [(NOISY, "    return images + std * noise\n")],
        "the noisy images are not clamped",
        "test_noise",
    ),
    Mutant(
        "noise_clamped",
        [(NOISY, "    return images + (std * noise).clamp(0, 1)\n")],
        "the noise is clamped and not the image",
        "test_noise",
    ),
    Mutant(
        "one_noise_for_all",
        [(NOISE, NOISE.replace("images.shape", "images.shape[1:]"))],
        "all images of a batch get the same noise",
        "test_noise",
    ),
    Mutant(
        "one_noise_for_all_channels",
        [(NOISE, NOISE.replace("images.shape", "images[:, :1].shape"))],
        "all channels of an image get the same noise",
        "test_noise",
    ),
    Mutant(
        "any_noise",
        [(NOISE_CHECK, "")],
        "the std of the noise is not checked",
        "test_bad_arguments",
    ),
    # generators and augment
    Mutant(
        "generator_ignored",
        [(NOISE, NOISE.replace("generator=generator, ", ""))],
        "add_noise ignores the generator",
        "test_generators",
    ),
    Mutant(
        "generator_not_handed_on",
        [(MIXED, MIXED.replace("0.05, generator", "0.05"))],
        "augment does not hand the generator on to everything that it calls",
        "test_generators",
    ),
    Mutant(
        "generator_seeded",
        [(STARTS, "    if generator is not None:\n        generator.manual_seed(generator.initial_seed())\n" + STARTS)],
        "the generator is set back to its seed",
        "test_generators",
    ),
    Mutant(
        "global_seed",
        [(NOISE, "    torch.manual_seed(0)\n" + NOISE)],
        "add_noise sets the global seed",
        "test_generators",
    ),
    Mutant(
        "augment_does_nothing",
        [(TURNED, ""), (MIXED, "    return images.clone()\n")],
        "augment changes nothing",
        "test_augment_changes_each_image",
    ),
    Mutant(
        "augment_leaves_the_range",
        [(TURNED, ""), (MIXED, "    return random_shift(images, 1, generator) + 0.1 * torch.randn(images.shape, generator=generator).to(images)\n")],
        "augmented images leave [0, 1]",
        "test_augment_changes_each_image",
    ),
    Mutant(
        "digits_mirrored",
        [(MIXED, "    return random_flip(turned, 0.5, generator).clamp(0, 1)\n")],
        "digits are mirrored, too",
        "test_augmented_digits_keep_their_labels",
    ),
    Mutant(
        "turned_by_90",
        [(TURNED, TURNED.replace("10", "90"))],
        "digits are turned by up to 90 degrees",
        "test_augmented_digits_keep_their_labels",
    ),
    Mutant(
        "shifted_too_far",
        [(MIXED, MIXED.replace("turned, 1,", "turned, 9,"))],
        "digits are shifted by up to 9 pixels",
        "test_augmented_digits_keep_their_labels",
    ),
    Mutant(
        "shifts_of_2_at_most",
        [(STARTS, "    pixels_drawn = min(pixels, 2)\n" + STARTS.replace("(0, 2 * pixels + 1", "(pixels - pixels_drawn, pixels + pixels_drawn + 1"))],
        "shifts end at 2 pixels",
        "test_changes_of_any_size",
    ),
    Mutant(
        "turned_by_60_at_most",
        [(ANGLES, ANGLES.replace("math.radians(degrees)", "math.radians(min(degrees, 60))"))],
        "angles end at 60 degrees",
        "test_rotations_of_any_size",
    ),
    Mutant(
        "squares_only",
        [(RESHAPE, RESHAPE.replace("tensor.reshape(-1, 1, 1)", "tensor.reshape(-1, 1, 1).expand(images.shape[1], images.shape[2], images.shape[2])"))],
        "images are taken for squares",
        "test_normalize",
    ),
    Mutant(
        "few_rows",
        [(STATISTICS, "    mean, std = train[:8].mean(dim=0), train[:8].std(dim=0, correction=0)\n")],
        "mean and deviation are those of the first rows alone",
        "test_scaling_of_any_data",
    ),
]  # fmt: skip
