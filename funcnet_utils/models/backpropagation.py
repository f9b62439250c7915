"""The gradient of a population, written straight to where the optimizer reads it.

Automatic differentiation would allocate every gradient anew and copy it; at the size of these
networks that costs a quarter of a training step.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from funcnet_utils.models.population import EPSILON, SLOPE, Population, Trace


def backpropagate(
    population: Population,
    images: torch.Tensor,
    layers: list[tuple[torch.Tensor, Trace]],
    signal: torch.Tensor,
    gradients: Mapping[str, torch.Tensor],
) -> None:
    """Write the gradient of a loss with respect to every parameter.

    Parameters
    ----------
    population : Population
        In training mode, if it normalizes batches.
    images : tensor, shape (n_networks, n_samples, n_inputs)
        What the networks saw.
    layers : list
        What `population.traced(images)` returned.
    signal : tensor, shape (n_networks, n_samples, n_classes)
        Gradient of the loss with respect to the logits.
    gradients : mapping of str to tensor
        A tensor to write to for each name in `population.named_parameters()`.

    References
    ----------
    Rumelhart, Hinton, Williams (1986), doi:10.1038/323533a0.
    """
    inputs = [images, *(activations for activations, _ in layers)]
    for layer in reversed(range(len(inputs))):
        torch.bmm(inputs[layer].transpose(1, 2), signal, out=gradients[f"weights.{layer}"])
        torch.sum(signal, 1, out=gradients[f"biases.{layer}"])
        if layer == 0:
            return
        signal = torch.bmm(signal, population.weights[layer].transpose(1, 2))
        activations, trace = layers[layer - 1]
        signal = torch.ops.aten.leaky_relu_backward(signal, activations, SLOPE, True)
        if trace.mask is not None:
            signal = signal * trace.mask
        if trace.statistics is not None:
            scale = population.scales[layer - 1]
            normalization = _layer_norm if population.arm.layer_norm else _batch_norm
            signal, scale_gradient, shift_gradient = normalization(signal, trace, scale)
            gradients[f"scales.{layer - 1}"].copy_(scale_gradient)
            gradients[f"shifts.{layer - 1}"].copy_(shift_gradient)


def _batch_norm(
    signal: torch.Tensor, trace: Trace, scale: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    assert trace.statistics is not None
    parts = [
        torch.ops.aten.native_batch_norm_backward(
            row, value, factor, None, None, mean, deviation, True, EPSILON, [True, True, True]
        )
        for row, value, factor, mean, deviation in zip(
            signal, trace.linear, scale, *trace.statistics, strict=True
        )
    ]
    return tuple(torch.stack(part) for part in zip(*parts, strict=True))


def _layer_norm(
    signal: torch.Tensor, trace: Trace, scale: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    assert trace.statistics is not None
    values, (mean, deviation) = trace.linear, trace.statistics
    scale_gradient = (signal * (values - mean) * deviation).sum(1)
    scaled, outputs = signal * scale[:, None], [True, False, False]
    before, _, _ = torch.ops.aten.native_layer_norm_backward(
        scaled, values, values.shape[-1:], mean, deviation, None, None, outputs
    )
    return before, scale_gradient, signal.sum(1)
