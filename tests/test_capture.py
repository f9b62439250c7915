"""Activations of models of all kinds against plain forward passes, and a model left as it was."""

import copy
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    TensorDataset,
)

from funcnet_utils import functional_network
from funcnet_utils.capture import Probe, layers
from funcnet_utils.models import Population, activations

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*units:UserWarning",
    "ignore:Stochastic Optimizer",
    "ignore:.*jit.script:DeprecationWarning",
    "ignore:.*nested",
    "ignore:.*last one only:UserWarning",
)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def images(n=40, channels=2, size=6):
    return torch.randn(n, channels, size, size)


def signals(model, data, **options):
    """Return the activations of all batches, by layer."""
    probe = Probe(model, progress=False, **options)
    with probe.recording(data) as chunks:
        found = np.concatenate(list(chunks()))
    parts = np.split(found, np.cumsum(probe.sizes)[:-1], axis=1)
    return dict(zip(probe.names, parts, strict=True))


def same(found, expected, atol=1e-6):  # float32 rounding of sums in another order
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values.detach().numpy(), rtol=1e-5, atol=atol)


class Residual(nn.Module):
    """One activation object used three times, in place; batch norm, dropout, a dictionary."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm, self.act = nn.BatchNorm2d(4), nn.ReLU(inplace=True)
        self.hidden, self.drop, self.out = nn.Linear(4, 7), nn.Dropout(0.5), nn.Linear(7, 3)

    def steps(self, x):
        one = functional.relu(self.norm(self.first(x)))
        two = functional.relu(self.second(one) + one)
        three = functional.relu(self.hidden(two.mean((2, 3))))
        return one, two, three

    def forward(self, x):
        x = self.act(self.norm(self.first(x)))
        x = self.act(self.second(x) + x)
        x = self.act(self.hidden(x.mean((2, 3))))
        return {"logits": self.out(self.drop(x)), "hidden": (x,)}


def test_residual_with_a_module_used_three_times():
    model, x = Residual(), images()
    model(x)  # moves the running means of the batch norm
    one, two, three = copy.deepcopy(model).eval().steps(x)
    found = signals(model, x, batch_size=16)
    same(found, {"act#0": one.mean((2, 3)), "act#1": two.mean((2, 3)), "act#2": three})
    best = signals(model, x, units="max")
    same(best, {"act#0": one.amax((2, 3)), "act#1": two.amax((2, 3)), "act#2": three})
    assert np.abs(best["act#0"] - found["act#0"]).max() > 0.1
    with pytest.raises(ValueError, match=r"layers differ in samples per batch .act#0: 1440"):
        signals(model, x, units="positions")
    each = signals(model, x, units="positions", layers=["first", "second"])
    expected = copy.deepcopy(model).eval().first(x).movedim(1, -1).reshape(-1, 4)
    np.testing.assert_allclose(each["first"], expected.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_layers_are_listed_in_the_order_of_the_pass(capsys):
    class Reversed(nn.Sequential):
        def forward(self, x):
            for module in reversed(self):
                x = module(x)
            return x

    model = Reversed(nn.GELU(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(3, 5))
    assert layers(model, torch.randn(2, 3)) == ["2", "0"]
    shown = capsys.readouterr().out
    assert "* 2 " in shown
    assert "by default: 9 units, 0 MB" in shown
    assert shown.index("Linear") < shown.index("Tanh") < shown.index("GELU")
    assert layers(Residual(), images(2)) == ["act#0", "act#1", "act#2"]


def test_named_layers_globs_and_modules():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
    x = torch.randn(30, 3)
    first = model[1](model[0](x))
    same(signals(model, x, layers="[02]"), {"0": model[0](x), "2": model[2](first)})
    same(signals(model, x, layers=[model[1]]), {"1": first})
    same(signals(model, x, layers="input:2"), {"input:2": first})
    with pytest.raises(ValueError, match=r"no layer 'reluu': choose from Sequential, 0, 1"):
        signals(model, x, layers=["reluu"])
    deep = nn.Sequential(*[nn.Tanh() for _ in range(200)])
    with pytest.raises(ValueError, match=r"choose from .*, 38, \.\.\. \(201 in all\)"):
        signals(deep, x, layers=["reluu"])
    with pytest.raises(ValueError, match="units is 'chanels': did you mean 'channels'"):
        signals(model, x, units="chanels")


def test_a_shared_module_answers_to_all_its_names():
    model = nn.ModuleDict({"one": nn.Linear(3, 3), "act": nn.Tanh()})
    model["two"] = model["one"]
    model.forward = lambda x: model["act"](model["two"](model["one"](x)))
    x = torch.randn(30, 3)
    first = model["one"](x)
    expected = {"two#0": first, "two#1": model["one"](first)}
    same(signals(model, x, layers="two"), expected)
    assert list(signals(model, x, layers=["o*", "two"])) == ["one#0", "one#1"]
    assert list(signals(model, x)) == ["act"]


def test_functions_are_reached_by_what_a_layer_reads():
    class Functions(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2, self.spare = nn.Linear(3, 4), nn.Linear(4, 2), nn.Linear(9, 9)

        def forward(self, x):
            return self.fc2(functional.relu(self.fc1(x)))

    model, x = Functions(), torch.randn(30, 3)
    with pytest.raises(ValueError, match=r"functions such as torch.relu.*input:"):
        signals(model, x)
    same(signals(model, x, layers="input:fc2"), {"input:fc2": functional.relu(model.fc1(x))})
    with pytest.raises(ValueError, match="'spare' did not run"):
        signals(model, x, layers=["fc1", "spare"])


def test_what_is_kept_is_out_of_reach_of_in_place_operations():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True))
    x = torch.randn(30, 3)
    found = signals(model, x, layers="0")
    assert found["0"].min() < 0
    same(found, {"0": functional.linear(x, model[0].weight, model[0].bias)})


def test_grouped_and_transposed_convolutions():
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, groups=2),
        nn.LeakyReLU(0.1),
        nn.ConvTranspose2d(4, 3, 2, stride=2),
        nn.Hardswish(),
    )
    x = images()
    first = model[1](model[0](x))
    last = model[3](model[2](first))
    same(signals(model, x), {"1": first.mean((2, 3)), "3": last.mean((2, 3))})


def test_axis_of_units_follows_the_layers_with_weights():
    class Mixed(nn.Module):  # three dimensions: channels of a convolution, then tokens
        def __init__(self):
            super().__init__()
            self.conv, self.fc = nn.Conv1d(2, 5, 1), nn.Linear(5, 4)
            self.one, self.two = nn.ReLU(), nn.ReLU()

        def forward(self, x):
            x = self.one(self.conv(x))
            return self.two(self.fc(x.transpose(1, 2)))

    model, x = Mixed(), torch.randn(20, 2, 7)
    first = functional.relu(model.conv(x))
    second = functional.relu(model.fc(first.transpose(1, 2)))
    same(
        signals(model, x, units="positions"),
        {"one": first.transpose(1, 2).reshape(-1, 5), "two": second.reshape(-1, 4)},
    )


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_layers(kind, batch_first, bidirectional):
    model = kind(3, 4, num_layers=2, batch_first=batch_first, bidirectional=bidirectional)
    x = torch.randn(20, 20, 3)  # as many steps as sequences
    output = model(x)[0]
    steps = output if batch_first else output.transpose(0, 1)
    forward, backward = steps[:, -1, :4], steps[:, 0, 4:]
    last = torch.cat([forward, backward], dim=1) if bidirectional else forward
    with pytest.warns(UserWarning, match="has 2 layers and shows its last one only"):
        found = signals(model, [x])
    same(found, {kind.__name__: last})
    same(signals(model, [x], steps="every"), {kind.__name__: output.flatten(0, 1)})


def test_packed_sequences_have_no_padding():
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True)

        def forward(self, x):
            lengths = torch.arange(len(x)) % 4 + 1
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False)
            return self.lstm(packed)

    model, x = Packed(), torch.randn(12, 4, 3)
    plain = model.lstm(x)[0]
    ends = plain[torch.arange(12), torch.arange(12) % 4]
    same(signals(model, [x]), {"lstm": ends})
    assert len(signals(model, [x], steps="every")["lstm"]) == (1 + 2 + 3 + 4) * 3


class Encoder(nn.Module):
    """Two layers of torch's own transformer, with modules as activations."""

    def __init__(self, batch_first=True, activation=None):
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            8, 2, 16, batch_first=batch_first, activation=activation or nn.GELU()
        )
        self.embed, self.body = nn.Embedding(9, 8), nn.TransformerEncoder(layer, 2)
        self.batch_first = batch_first

    def forward(self, input_ids, attention_mask):
        x = self.embed(input_ids if self.batch_first else input_ids.T)
        return self.body(x, src_key_padding_mask=~attention_mask.bool())


def tokens(n=6):
    ids = torch.randint(0, 9, (n, n))
    return {
        "input_ids": ids,
        "attention_mask": (torch.arange(n) <= torch.arange(n)[:, None]).long(),
    }


@pytest.mark.parametrize("batch_first", [True, False])
def test_transformer_tokens_are_samples_and_padding_is_none(batch_first):
    model, data = Encoder(batch_first), tokens()
    found = signals(model, data, layers="input:body.layers.1.linear2")
    # each sequence alone, without padding
    alone = torch.zeros(6, 6, 16)
    plain = copy.deepcopy(model).eval()
    for row, ids in enumerate(data["input_ids"]):
        seen = []
        handle = plain.body.layers[1].linear2.register_forward_pre_hook(
            lambda _, args, seen=seen: seen.append(args[0].detach())
        )
        ids = ids[None, : row + 1]
        plain.body(plain.embed(ids if batch_first else ids.T))
        handle.remove()
        alone[row, : row + 1] = seen[0].reshape(-1, 16)
    mask = data["attention_mask"].bool()
    expected = alone[mask] if batch_first else alone.transpose(0, 1)[mask.T]
    same(found, {"input:body.layers.1.linear2": expected}, atol=1e-5)
    names = list(signals(model, data))
    assert names == ["body.layers.0.activation", "body.layers.1.activation"]


def test_transformer_with_a_function_as_activation():
    model, data = Encoder(activation=functional.relu), tokens()
    with pytest.raises(ValueError, match="no activation module ran"):
        signals(model, data)
    found = signals(model, data, layers="input:body.layers.*.linear2")
    assert [part.shape for part in found.values()] == 2 * [(21, 16)]
    assert min(part.min() for part in found.values()) == 0  # after the ReLU


def test_nested_tensors_are_tokens():
    class Nested(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 4)

        def forward(self, x):
            return self.fc(torch.nested.nested_tensor([x[0, :2], x[1]]))

    model, x = Nested(), torch.randn(2, 5, 3)
    expected = model.fc(torch.cat([x[0, :2], x[1]]))
    same(signals(model, [x], layers="fc"), {"fc": expected})


def test_mask_of_a_wrong_shape():
    model, data = Encoder(), tokens()
    with pytest.raises(ValueError, match=r"mask has shape \(6, 5\)"):
        signals(model, [data], mask=np.ones((6, 5)))


def test_tokens_in_two_orders_would_be_mixed_up():
    class Turned(nn.Sequential):
        def forward(self, x):
            return self[2](self[1](self[0](x)[0].transpose(0, 1)))

    model = Turned(nn.LSTM(3, 4), nn.Linear(4, 4), nn.ReLU())
    with pytest.raises(ValueError, match=r"two orders, \(5, 6\) and \(6, 5\)"):
        signals(model, [torch.randn(5, 6, 3)], steps="every")


@pytest.mark.parametrize("batch_first", [True, False])
def test_attention_heads_by_the_norm_of_their_outputs(batch_first):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=batch_first)

        def forward(self, x):
            return self.attention(x, x, x, need_weights=False)

    model, x = Own(), torch.randn(5, 7, 8)
    found = signals(model, [x], units="heads")["attention"]
    one = model.attention
    sequences = x if batch_first else x.transpose(0, 1)
    q, k, v = functional.linear(sequences, one.in_proj_weight, one.in_proj_bias).chunk(3, -1)
    norms = []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        weights = torch.softmax(q[..., part] @ k[..., part].transpose(1, 2) / 2, -1)
        norms.append((weights @ v[..., part]).norm(dim=-1))
    expected = torch.stack(norms, -1)
    expected = expected if batch_first else expected.transpose(0, 1)
    np.testing.assert_allclose(found, expected.detach().reshape(-1, 2).numpy(), rtol=1e-5)
    split = signals(nn.Sequential(nn.Linear(8, 6)), x[0], layers="input:0", units="heads", heads=4)
    same(split, {"input:0": x[0].reshape(-1, 4, 2).norm(dim=-1)})
    with pytest.raises(ValueError, match="heads is 3 and layer 'input:0' has 8"):
        signals(nn.Sequential(nn.Linear(8, 6)), x[0], layers="input:0", units="heads", heads=3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_precisions(dtype):
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh()).to(dtype)
    x = torch.randn(30, 3)
    found = signals(model, x)["1"]
    np.testing.assert_array_equal(found, model(x.to(dtype)).detach().to(torch.float64).numpy())
    assert found.dtype == (np.float64 if dtype == torch.float64 else np.float32)
    np.testing.assert_array_equal(found, signals(model, x.double().numpy())["1"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_dynamically_quantized_model():
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    quantized = torch.ao.quantization.quantize_dynamic(model, {nn.Linear})
    x = torch.randn(30, 3)
    same(signals(quantized, x, batch_size=30), {"1": functional.relu(quantized[0](x))})


def test_wrappers_are_looked_through():
    model, x = Residual(), images()
    expected = signals(model, x)
    for wrapped in (nn.DataParallel(model), torch.compile(model)):
        found = signals(wrapped, x)
        assert list(found) == list(expected)
        for name, values in found.items():
            np.testing.assert_array_equal(values, expected[name])


class Stream(IterableDataset):
    def __init__(self, *columns):
        self.columns = columns

    def __iter__(self):
        return iter(zip(*self.columns, strict=True))


def test_loaders():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    x, y = torch.randn(30, 3), torch.arange(30)
    expected = {"1": functional.relu(model[0](x))}
    pairs = TensorDataset(x, y)
    for data in (
        x,
        x.requires_grad_(),
        x.detach().numpy().astype(np.float64),
        pairs,
        DataLoader(pairs, batch_size=7),
        [x[:9], x[9:]],
        (batch for batch in (x[:9], x[9:])),
        lambda: iter([x[:9], x[9:]]),
        {"input": x, "labels": y},
        (x, y),
        Stream(x, y),
        DataLoader(Stream(x, y), batch_size=7),
        pandas.DataFrame(x.detach().numpy()),
        DataLoader([{"input": row, "labels": k} for k, row in enumerate(x.detach())], batch_size=8),
    ):
        same(signals(model, data), expected)
    half = x.detach().half()
    same(signals(model, half), {"1": functional.relu(model[0](half.float()))})
    with pytest.raises(ValueError, match="a list_iterator cannot give the same order twice"):
        functional_network(model, iter([x]), labels=np.arange(30) % 2)
    with pytest.raises(ValueError, match="a RandomSampler cannot give the same order twice"):
        functional_network(
            model, DataLoader(pairs, batch_size=7, shuffle=True), labels=np.arange(30) % 2
        )
    shuffled = BatchSampler(RandomSampler(pairs), 7, False)
    with pytest.raises(ValueError, match="a RandomSampler cannot give the same order twice"):
        functional_network(model, DataLoader(pairs, batch_sampler=shuffled), labels=y % 2)


def test_the_model_and_all_generators_are_left_as_they_were():
    model, x = Residual(), images()
    model.norm.eval()  # a mixture of modes
    modes = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    generator = torch.Generator().manual_seed(3)
    loader = DataLoader(TensorDataset(x), batch_size=7, shuffle=True, generator=generator)
    wrong = images(channels=3)
    states = torch.get_rng_state(), generator.get_state()
    functional_network(model, loader, progress=False)
    layers(model, x[:2])

    def restored():
        assert [module.training for module in model.modules()] == modes
        assert torch.is_grad_enabled()
        assert torch.backends.mha.get_fastpath_enabled()
        for module in model.modules():
            assert not module._forward_hooks
            assert not module._forward_pre_hooks
        assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
        assert torch.equal(torch.get_rng_state(), states[0])
        assert torch.equal(generator.get_state(), states[1])

    restored()
    with pytest.raises(RuntimeError):
        functional_network(model, wrong)
    restored()
    x[30, 0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="'act#0' shows NaN or infinity in batch 1"):
        functional_network(model, x, batch_size=16)
    restored()


def test_threads_on_one_model_take_turns():
    class Pause(nn.Identity):
        def forward(self, x):
            time.sleep(0.01)
            return x

    x = images()
    model = nn.Sequential(nn.Flatten(), nn.Linear(72, 9), Pause(), nn.ReLU(), nn.Linear(9, 3))
    model[1].eval()
    modes = [module.training for module in model.modules()]
    state = torch.get_rng_state()

    def strength(_):
        return functional_network(model, x, batch_size=10, progress=False).strength

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(strength, range(6)))
    for one in found:
        np.testing.assert_array_equal(one, found[0])
    assert [module.training for module in model.modules()] == modes
    assert torch.backends.mha.get_fastpath_enabled()
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks for module in model.modules())


def test_scripted_modules_refuse_hooks():
    scripted = torch.jit.script(nn.Sequential(nn.Linear(3, 4), nn.ReLU()))
    with pytest.raises(ValueError, match="scripted model refuses hooks"):
        signals(scripted, torch.randn(5, 3))
    model = nn.Sequential(scripted, nn.ReLU())
    with pytest.warns(UserWarning, match="scripted modules are left out: 0, 0.0"):
        assert list(signals(model, torch.randn(5, 3))) == ["1"]
    with pytest.raises(ValueError, match="'0' is scripted"):
        signals(model, torch.randn(5, 3), layers=["0"])


def test_other_layers_in_another_batch():
    class Moody(nn.Sequential):
        def forward(self, x):
            return super().forward(x) if len(x) > 3 else self[0](x)

    model = Moody(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU())
    with pytest.raises(ValueError, match="batch 1 went through other layers than batch 0"):
        signals(model, [torch.randn(5, 3), torch.randn(2, 3)], layers=None)


def test_a_callable_serves_models_without_hooks():
    def keras_like(model, batch):
        return {"dense": np.tanh(batch @ model), "out": torch.tensor(batch)}

    x = np.random.default_rng(0).normal(size=(20, 3))
    found = signals(np.eye(3), x, layers=keras_like, batch_size=8)
    np.testing.assert_allclose(found["dense"], np.tanh(x), rtol=1e-15)
    np.testing.assert_array_equal(found["out"], x)
    with pytest.raises(ValueError, match=r"layer 'activations' has shape \(8, 3, 1\)"):
        signals(None, x, layers=lambda _, batch: batch[..., None], batch_size=8)
    with pytest.raises(ValueError, match="no hooks for ndarray"):
        signals(np.eye(3), x)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_scikit_learn(activation):
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), rng.integers(0, 3, 60)
    model = MLPClassifier((5, 4), activation=activation, max_iter=3, tol=9, random_state=0)
    found = signals(model.fit(x, y), x)
    # the last layer of scikit-learn's own answers, from our hidden units
    logits = found["hidden 2"] @ model.coefs_[2] + model.intercepts_[2]
    odds = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(odds, model.predict_proba(x), rtol=1e-12)
    assert list(found) == ["hidden 1", "hidden 2"]
    halves = signals(model, [(x[:30], y[:30]), (x[30:], y[30:])])
    np.testing.assert_allclose(halves["hidden 2"], found["hidden 2"], rtol=1e-12)
    with pytest.raises(ValueError, match="layers is 'hidden 2': an MLP of scikit-learn"):
        signals(model, x, layers="hidden 2")


def test_one_network_of_a_population():
    population = Population(2, (6, 5, 4, 3), "batch_norm", seed=0)
    x = np.random.default_rng(0).random((30, 6), dtype=np.float32)
    expected = activations(population, x)[1]
    found = np.concatenate(list(signals(population.select(1), x).values()), axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)  # float32
    with pytest.raises(ValueError, match="these are 2 networks"):
        signals(population, x)


class Mixed(nn.Module):
    """A module and functions as activations, side by side."""

    def __init__(self):
        super().__init__()
        self.a, self.act, self.b, self.c = (
            nn.Linear(3, 5),
            nn.ReLU(),
            nn.Linear(5, 4),
            nn.Linear(4, 4),
        )

    def forward(self, x):
        return torch.sigmoid(self.c(functional.gelu(self.b(self.act(self.a(x))))))


def test_functions_beside_modules_are_not_lost_without_a_word():
    model, x = Mixed(), torch.randn(20, 3)
    with pytest.warns(UserWarning, match=r"left out.*layers=\['act', 'input:c'\] \(gelu ran"):
        found = signals(model, x)
    assert list(found) == ["act"]
    assert not any(one._forward_pre_hooks or one._forward_hooks for one in model.modules())
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what is asked for by name is what is wanted
        found = signals(model, x, layers=["act", "input:c"])
        signals(nn.Sequential(nn.Linear(3, 5), nn.SiLU(), nn.RNN(5, 2)), x[None])
    same(
        found,
        {
            "act": torch.relu(model.a(x)),
            "input:c": functional.gelu(model.b(torch.relu(model.a(x)))),
        },
    )


def test_names_that_layers_prints_are_names_of_layers():
    model, x = Residual(), images()
    printed = layers(model, x)
    assert "act#0" in printed
    same(signals(model, x, layers=printed), tensors(signals(model, x)))
    with pytest.raises(ValueError, match="name all calls of a module or none"):
        signals(model, x, layers=["act#0"])
    one = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    for layer in (one[1], [1]):
        assert list(signals(one, torch.randn(5, 3), layers=layer)) == ["1"]


def tensors(found):
    return {name: torch.tensor(values) for name, values in found.items()}


def test_single_samples_are_no_batches():
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU())
    with pytest.raises(ValueError, match=r"a Conv2d reads one sample at a time.*torch\.stack"):
        signals(model, list(images(4)))
    with pytest.raises(ValueError, match="'1' shows no batch: give batches"):
        signals(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), list(torch.randn(4, 3)))


def test_a_compiled_part_shows_what_is_in_it():
    part = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    model, x = (
        nn.Sequential(torch.compile(part, backend="eager"), nn.Linear(4, 4), nn.Tanh()),
        torch.randn(9, 3),
    )
    model.eval()
    with torch.no_grad():
        model(x)  # compiled without hooks
    found = signals(model, x)
    same(found, {"0._orig_mod.1": part(x), "2": model(x)})


def test_fused_activations_of_quantized_models():
    class ConvReLU2d(nn.Module):  # has no children once it is quantized
        def forward(self, x):
            return x.relu()

    found = signals(nn.Sequential(nn.Conv2d(2, 3, 3), ConvReLU2d()), images())
    assert list(found) == ["1"]


def test_memory_is_refused_after_one_batch(monkeypatch):
    calls = []

    class Wide(nn.Sequential):
        def forward(self, x):
            calls.append(len(x))
            return super().forward(x)

    monkeypatch.setattr("funcnet_utils.correlation.available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match="correlations of 3 units"):
        functional_network(Wide(nn.ReLU()), torch.randn(50, 3), batch_size=10)
    assert calls == [10]


def test_a_mask_of_all_data_is_cut_with_it():
    model, data = Encoder(), tokens()
    mask = data["attention_mask"]
    names = {"layers": "*linear1"}
    expected = tensors(signals(model, data, **names))
    same(signals(model, data, mask=mask.numpy(), batch_size=3, **names), expected)
    with pytest.raises(ValueError, match="a RandomSampler cannot give the same order twice"):
        functional_network(model, DataLoader(TensorDataset(mask), shuffle=True), mask=mask)


def test_axis_of_units_follows_layers_of_as_many_dimensions():
    class LayerNorm2d(nn.LayerNorm):
        def forward(self, x):
            return super().forward(x.movedim(1, -1)).movedim(-1, 1)

    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.fc, self.act = nn.Conv2d(2, 3, 3), nn.Linear(3, 3), nn.ReLU()

        def forward(self, x):
            x = self.conv(x)
            return self.act(x * self.fc(x.mean((2, 3)))[:, :, None, None])

    first = nn.Sequential(nn.ReLU(), nn.Conv2d(2, 3, 3), nn.ReLU())
    normed = nn.Sequential(nn.Conv2d(2, 3, 3), LayerNorm2d(3), nn.GELU())
    unfolded = nn.Sequential(nn.Flatten(), nn.Linear(72, 12), nn.Unflatten(1, (3, 2, 2)), nn.Tanh())
    x = images()
    for model in (first, normed, unfolded, Gated()):
        found = list(signals(model, x, batch_size=16).values())[-1]
        np.testing.assert_allclose(found, model(x).mean((2, 3)).detach(), rtol=1e-4, atol=1e-6)
    last = nn.Sequential(nn.Linear(6, 5), nn.ReLU())  # channels last: each position is a sample
    same(signals(last, x), {"1": last(x).flatten(0, 2)})


def test_weights_that_are_parametrized_change_no_axis():
    norm = nn.utils.parametrizations.weight_norm

    class Causal(nn.Module):  # as many positions after the convolution as before
        def __init__(self):
            super().__init__()
            self.conv, self.act = norm(nn.Conv1d(2, 5, 3, padding=1)), nn.ReLU()
            self.fc = norm(nn.Linear(5, 4))

        def forward(self, x):
            return self.fc(torch.tanh(self.act(self.conv(x)).mean(2)))

    model, x = Causal(), torch.randn(20, 2, 7)
    with pytest.warns(UserWarning, match=r"layers=\['act', 'input:fc'\] \(tanh ran"):
        found = signals(model, x)
    same(found, {"act": functional.relu(model.conv(x)).mean(2)})
    recurrent, x = nn.Sequential(norm(nn.GRU(3, 4), "weight_hh_l0")), torch.randn(5, 6, 3)
    same(signals(recurrent, [x]), {"0": recurrent[0](x)[1][0]})


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_dynamically_quantized_recurrent_layers(kind, bidirectional):
    model = nn.Sequential(kind(3, 4, batch_first=True, bidirectional=bidirectional))
    quantized = torch.ao.quantization.quantize_dynamic(model, {kind})
    x = torch.randn(30, 6, 3)
    steps = quantized[0](x)[0]
    last = torch.cat([steps[:, -1, :4], steps[:, 0, 4:]], 1)
    same(signals(quantized, x), {"0": last})


def test_names_with_the_signs_of_patterns():
    model = nn.Sequential()
    model.add_module("act[0]", nn.ReLU())
    x = torch.randn(9, 3)
    assert list(signals(model, x, layers="act[0]")) == list(signals(model, x)) == ["act[0]"]


def test_tokens_in_rows_do_not_say_which_are_padding():
    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.act = nn.Embedding(9, 4), nn.Tanh()

        def forward(self, input_ids, attention_mask):
            return self.act(self.embed(input_ids).flatten(0, 1))

    model, data = Rows(), tokens()
    with pytest.raises(ValueError, match=r"'act' shows tokens in rows, \(36, 4\)"):
        signals(model, data)
    assert len(signals(model, data, mask=lambda _: None)["act"]) == 36


def test_batch_size_is_a_whole_number():
    with pytest.raises(ValueError, match="batch_size is 0"):
        functional_network(nn.ReLU(), torch.randn(9, 3), batch_size=0)


def test_a_lone_layer_is_named_as_it_can_be_asked_for():
    model, images = torch.nn.Linear(6, 4), torch.rand(30, 6)
    with pytest.raises(ValueError, match=r"layers=\['input:Linear'\] \(choose from Linear\)"):
        functional_network(model, images)
    assert len(functional_network(model, images, layers=["input:Linear"]).units) == 6


def test_every_block_of_a_transformer_is_named():
    block = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model, data = torch.nn.TransformerEncoder(block, 2).eval(), torch.rand(40, 5, 8)
    named = r"\['input:layers.0.dropout', 'input:layers.1.dropout'\]"
    with pytest.raises(ValueError, match=named):
        functional_network(model, data)
    assert len(functional_network(model, data, layers="input:layers.*.dropout").units) == 32
