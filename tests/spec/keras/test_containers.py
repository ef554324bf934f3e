"""Files that hold a config among other things: archives, HDF5, texts within texts."""

import bz2
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import zipfile

import keras
import pytest
import yaml
from keras import layers as L

from dense_shapes.api import analyse, summarize
from dense_shapes.layers import REGISTRY
from dense_shapes.render.snippets import render_text
from dense_shapes.spec.problems import MissingExtraError
from tests.spec.keras.compare import build
from tests.spec.keras.models import MODELS

SMALL = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "in"}},
            {"class_name": "Dense", "config": {"units": 3, "name": "dense"}},
        ],
    },
}


def archive(entries, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, data in entries:
            made.writestr(name, data)
    return file.getvalue()


def run(*arguments, code="from dense_shapes.cli import main; main()", data=b""):
    """Run the command in a process of its own."""
    code = f"import sys; sys.argv = {['dense-shapes', *arguments]!r}\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code],
        input=data,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )


def told(data):
    """Return the code and message of the one problem of a file."""
    (found,) = analyse(io.BytesIO(data)).diagnostics
    return f"{found.code}: {found.message}"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model in the forms that Keras 3 writes, and what it has of parameters."""
    folder = tmp_path_factory.mktemp("saved")
    made = build(MODELS["images"])
    made.save(folder / "model.keras")
    made.save(folder / "model.h5")
    made.save_weights(folder / "only.weights.h5")
    (folder / "model.json").write_text(made.to_json())
    return folder, made.count_params()


@pytest.mark.parametrize("name", ["model.keras", "model.h5", "model.json"])
def test_files_that_keras_saves(saved, name):
    folder, params = saved
    summary = summarize(folder / name)
    assert (summary.totals.params, summary.name) == (params, "sequential")
    assert [row.name for row in summary.layers][:3] == ["input_layer", "rescaling", "conv2d"]
    # What a file is, its content tells.
    other = folder / "strange.txt"
    other.write_bytes((folder / name).read_bytes())
    assert summarize(other).totals.params == params
    assert summarize(io.BytesIO(other.read_bytes())).totals.params == params


def test_the_command_reads_them(saved):
    folder, params = saved
    for name in ("model.keras", "model.h5"):
        done = run("summarize", "--json", str(folder / name))
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout)["totals"]["params"] == params
    done = run("summarize", "--json", "-", data=(folder / "model.keras").read_bytes())
    assert json.loads(done.stdout)["totals"]["params"] == params


def test_data_that_is_parsed_already():
    made = build(MODELS["residual"])
    config = {"class_name": "Functional", "config": made.get_config()}
    assert summarize(config).totals.params == made.count_params()
    assert summarize(json.loads(made.to_json())).totals.params == made.count_params()


def test_json_within_json():
    text = json.dumps(build(MODELS["sequential"]).to_json())
    assert summarize(io.StringIO(text)).totals.params == 23


def test_yaml_with_tuples():
    config = {**SMALL, "backend": "tensorflow", "keras_version": "2.1.5"}
    text = yaml.dump(config).replace("batch_shape:", "batch_input_shape: !!python/tuple")
    summary = summarize(io.StringIO(text))
    assert summary.totals.params == 15
    assert [row.line for row in summary.layers] == [5, 11]


def test_an_archive_without_a_config():
    data = archive([("data.bin", b"x"), ("version", b"3")])
    assert told(data) == (
        "DS008: this zip archive is no model of Keras: it has no config.json, found data.bin, "
        "version"
    )
    assert told(archive([])).startswith("DS008")


def test_an_archive_that_is_cut_off():
    data = archive([("config.json", json.dumps(SMALL)), ("model.weights.h5", b"\0" * 5000)])
    assert summarize(io.BytesIO(data)).totals.params == 15
    for length in range(4, len(data) - 1):
        assert told(data[:length]).startswith(("DS001", "DS008"))


def test_an_archive_that_would_swell():
    data = archive([("config.json", b"[" + b" " * (8 * 2**20) + b"]")])
    assert told(data).startswith("DS005: config.json would take 8,388,610 bytes unpacked from")


def test_an_archive_that_lies_about_sizes():
    data = bytearray(archive([("config.json", json.dumps(SMALL) * 100)]))
    at = data.rfind(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 20)
    assert told(bytes(data)).startswith("DS001")


def test_an_archive_with_an_odd_entry():
    plain = archive([("config.json", json.dumps(SMALL))])
    locked = bytearray(plain)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.rfind(mark) + offset] |= 1
    assert told(bytes(locked)) == "DS001: config.json is encrypted"
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = archive([("config.json", "{}"), ("config.json", json.dumps(SMALL))])
    assert told(twice) == "DS001: the archive holds config.json 2 times"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("config.json", json.dumps(SMALL))
    assert told(file.getvalue()).startswith("DS001: config.json is packed in a way")
    assert told(archive([("sub/config.json", "{}"), ("../config.json", "{}")])).startswith("DS009")


def test_an_archive_with_a_long_table_of_contents():
    data = archive([("config.json", json.dumps(SMALL))])
    at = data.rfind(b"PK\x05\x06")
    lying = data[: at + 12] + struct.pack("<I", 2**31) + data[at + 16 :]
    assert told(lying).startswith("DS005: the archive's table of contents takes 2,147,483,648")


def test_a_config_in_an_archive_that_is_no_model():
    assert told(archive([("config.json", "{}")])).startswith("DS008: not a model")
    assert told(archive([("config.json", '{"class_name": ')])).startswith("DS002")
    assert told(archive([("config.json", b"\xff\xfe\0")])).startswith("DS001: not a text file")


def test_hdf5_without_a_model(saved):
    folder, _ = saved
    data = (folder / "only.weights.h5").read_bytes()
    assert told(data).startswith("DS008: the HDF5 file holds weights: it has no")


def test_hdf5_that_is_cut_off(saved):
    folder, _ = saved
    data = (folder / "model.h5").read_bytes()
    for length in (8, 100, 1000, len(data) // 2):
        assert told(data[:length]).startswith("DS001: the HDF5 file is cut off or corrupt")


def test_hdf5_without_h5py(saved, monkeypatch):
    folder, _ = saved
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'dense-shapes\[h5\]'"):
        summarize(folder / "model.h5")
    code = "sys.modules['h5py'] = None\nfrom dense_shapes.cli import main; main()"
    done = run("summarize", str(folder / "model.h5"), code=code)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"needs h5py" in done.stderr


OTHERS = {
    "a Python pickle": b"\x80\x04\x95abc.",
    "a checkpoint of PyTorch": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
    "compressed with gzip": gzip.compress(b"{}"),
    "compressed with bzip2": bz2.compress(b"{}"),
    "compressed with xz": lzma.compress(b"{}"),
    "an archive of tar": b"model.json" + bytes(247) + b"ustar\x0000" + bytes(248),
    "a NumPy array": b"\x93NUMPY\x01\x00",
    "a SavedModel of TensorFlow": b"\x08\x01\x12\xb4\x05\n\x8a\x01",
    "a graph of TensorFlow, of single operations": b"\n\x1c\n\x01x\x12\x0bPlaceholder*\x0b\n",
    "a model of ONNX": b"\x08\x07\x12\x07pytorch\x1a\x051.9.0",
    "a model of TensorFlow Lite": b"\x1c\0\0\0TFL3\x14\0\x20\0",
    "weights (safetensors)": b'\x40\0\0\0\0\0\0\0{"a": {}}',
    "an image (PNG)": b"\x89PNG\r\n\x1a\n\0\0",
    "a pointer of Git LFS: the model itself was not downloaded": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12345\n"
    ),
    "a web page": b"<!DOCTYPE html>\n<html></html>",
    "Python code": b"# A model.\nimport keras\nmodel = keras.Sequential()\n",
}


@pytest.mark.parametrize("what", OTHERS)
def test_forms_that_are_not_read(what):
    assert told(OTHERS[what]) == f"DS009: this file is {what}, which is not read"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("archive/data.pkl", "a model of PyTorch"),
        ("model/saved_model.pb", "a SavedModel of TensorFlow"),
        ("a.npy", "a set of NumPy arrays"),
        ("deep/model.keras", "an archive around a model"),
    ],
)
def test_archives_of_other_things(name, what):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    assert told(file.getvalue()) == f"DS009: this zip archive is {what}, which is not read"


def test_folders(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    done = run("summarize", str(tmp_path))
    assert done.returncode == 2
    assert b"Is a directory, a SavedModel of TensorFlow; save the model as .keras" in done.stderr


def test_layers_of_a_plugin(tmp_path, monkeypatch):
    @keras.saving.register_keras_serializable("plugins")
    class Doubled(L.Layer):
        def __init__(self, factor=2, **options):
            super().__init__(**options)
            self.factor = factor

        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), name="scale")

        def call(self, x):
            return keras.ops.concatenate([x] * self.factor, axis=-1) * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    x = L.Input((4,))
    made = keras.Model(x, L.Dense(2)(Doubled(3)(x)))
    text = made.to_json()
    without = analyse(io.StringIO(text))
    assert (without.ok, without.totals.params) == (True, None)
    assert [row.count() for row in without.layers] == [0, None, 26]
    (tmp_path / "my_doubled.py").write_text(
        "from dense_shapes.layers import Layer, Weight, field\n"
        "from dense_shapes.layers.types import POSITIVE\n"
        "class Doubled(Layer):\n"
        "    '''Repeat the features.'''\n"
        "    factor = field(POSITIVE, default=2, doc='How often.')\n"
        "    def output(self, x):\n"
        "        return (*x[:-1], x[-1] * self.factor)\n"
        "    def weights(self, x):\n"
        "        yield Weight('scale', (x[-1],), ('feature',))\n"
        "    def explain(self, x, y):\n"
        "        return 'repeats the features'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        taught = summarize(io.StringIO(text), plugins=["my_doubled"])
    finally:
        REGISTRY.pop("Doubled", None)
    assert [row.count() for row in taught.layers] == [0, 4, 26]
    assert render_text(taught.diagnostics) == ""
