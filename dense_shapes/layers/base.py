"""What a layer is: declared options and a few short rules; and the registry of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from dense_shapes.dims import Dim, Requirement, is_open, symbol, symbols_of
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import InvalidOptions, OptionError, ShapeError
from dense_shapes.layers.fields import REQUIRED, Field, field
from dense_shapes.layers.policies import source_of
from dense_shapes.layers.text import Shape, count, plural, snake_case, times
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.layers.weight import (
    Weight as Weight,  # noqa: PLC0414 - only so is it exported for mypy
)

REGISTRY: dict[str, type[Layer]] = {}
"""Every layer by its canonical name, of the families that have been read."""

OPERATIONS: dict[str, type[Layer]] = {}
"""Every bare operation of `keras.ops` by its canonical name, such as `ops.Add`."""

_BY_ANY_NAME: dict[str, type[Layer]] = {}

AXIS_NAMES = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Layer:
    """A layer of a network: subclass it, declare options with `field`, write the rules.

    A subclass is registered under its own name, unless it is `abstract`, a bare operation under
    the name that it is `registered` as; `first` names the options that lead the others, `without`
    inherited ones that it has not. Rules get shapes with the batch axis in front; a size is an int
    or a symbolic `Expr`. The rules are `output`, `weights`, `macs`, `explain`, and where options
    depend on each other `check`; `steps` adds lines to the long explanation.

    Attributes:
        keeps_rank: Whether further calls need inputs of as many axes as the first.
        rank: How many positional axes the layer works over (2 for Conv2D).
        inputs: How many inputs it takes at least and at most (None for any number). Where that is
            not exactly one, rules get a list of shapes in place of a shape.
        freezes_inside: Whether `trainable: false` in a config freezes it in Keras too, which does
            so for a layer's own weights, not for those of layers within it.
        quantizes: The methods by which Keras can quantize its weights.
        inputs_help: What to do about a wrong number of inputs, where that is not to list them.
        demands: What the rules required of symbolic sizes in the last run.
        call: The call's arguments beside the inputs, set before the rules are asked.
        options_given: The names of the options that it was made with.
        call_arguments: What may be among them.
        masks_recorded: Whether they hold masks as Keras let them pass when it saved the model.
        enclosed: Whether another layer applies it.
        inferred: Whether Keras knows its output's shape without a call.
        instead_of_several: What to do with several inputs where it takes only one.
        input_names: What Keras's call names the inputs after the first.
        input_dtypes: The inputs' dtypes, set before the rules are asked where they are known.
        beside: The shapes of tensors among the call's arguments, such as a mask, by their names.
        type_name: What its type is called in texts.
        others: Options that mean something to code only that is not known here.
        foreign: Whether it is a plugin's, so that what its rules return is checked.
        is_operation: Whether it is a bare operation of `keras.ops`.
        alone: Whether what comes out depends on more than its options, inputs and call.
        opened: The sizes called by `data_sizes`, where the reader has found names for them.
        listed: Whether Keras's call takes several inputs in one list, or each as an argument.

    Raises:
        InvalidOptions: Options that are unknown, missing or of the wrong type, all in one.

    >>> from dense_shapes.layers import Dense
    >>> Dense(units=10).output((8, 32, 32, 3))
    (8, 32, 32, 10)
    """

    rank: ClassVar[int] = 0
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    keeps_dtype: ClassVar[bool] = False
    keeps_rank: ClassVar[bool] = False
    freezes_inside: ClassVar[bool] = True
    quantizes: ClassVar[tuple[str, ...]] = ()
    inputs_help: ClassVar[str | None] = None
    aliases: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[dict[str, Field]] = {}
    nesting: ClassVar[bool] = False
    foreign: ClassVar[bool] = False
    is_operation: ClassVar[bool] = False
    alone: ClassVar[bool] = False

    trainable: bool = field(t.BOOL, default=True, doc="Whether training changes its weights.")
    dtype: str | None = field(
        t.POLICY, default=None, doc="The dtype of its weights and output, or a mixed policy."
    )
    autocast: bool = field(
        t.BOOL, default=True, doc="Whether inputs are cast to the layer's own dtype."
    )
    activity_regularizer: Any = field(
        t.REGULARIZER, default=None, doc="A penalty on the output, for training."
    )

    call_arguments: ClassVar[tuple[str, ...]] = ("training",)
    input_names: ClassVar[tuple[str, ...]] = ()
    listed: ClassVar[bool] = True
    enclosed: bool = False
    masks_recorded: bool = False
    inferred: ClassVar[bool] = True
    instead_of_several: ClassVar[str] = "join them first, with Concatenate or Add"
    input_dtypes: Sequence[str] = ()
    opened: Mapping[str, Dim] | None = None
    beside: Mapping[str, Shape] = {}
    type_name: str = "Layer"
    others: Mapping[str, Any] = {}

    demands: list[Requirement]
    call: dict[str, Any]
    options_given: tuple[str, ...]

    def __init_subclass__(
        cls,
        *,
        abstract: bool = False,
        rank: int | None = None,
        aliases: tuple[str, ...] = (),
        first: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        registered: str | None = None,
    ) -> None:
        cls._defaults = None
        own = {name: f for name, f in vars(cls).items() if type(f) is Field}
        if own or first or without or len(cls.__bases__) > 1:
            fields = own
            for base in cls.__bases__:
                # Own options come first and hold, those of the bases follow in their order.
                fields = {**fields, **getattr(base, "fields", {}), **fields}
            for name in without:
                del fields[name]
                setattr(cls, name, None)
            cls.first = first or cls.first
            cls.fields = {name: fields[name] for name in cls.first if name in fields} | fields
            cls._required = tuple([name for name, f in cls.fields.items() if f.default is REQUIRED])
            cls.nesting = any(f.type.nested for f in cls.fields.values())
        cls.aliases = aliases
        if rank is not None:
            cls.rank = rank
        if registered is not None:
            cls.__name__ = registered
        cls.type_name = cls.__name__
        if not abstract:
            _register(cls, REGISTRY if registered is None else OPERATIONS)

    _defaults: ClassVar[dict[str, Any] | None] = None
    _required: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def automatic_name(cls) -> str:
        """Return what Keras calls a layer that is given no name, before any number."""
        return snake_case(cls.__name__)

    @classmethod
    def own_fields(cls) -> dict[str, Field]:
        """Return the options that not every layer has, the first one first."""
        return {name: f for name, f in cls.fields.items() if name not in COMMON_FIELDS}

    def __init__(self, **options: Any) -> None:
        cls = type(self)
        self.demands = []
        self.call = {}
        self.options_given = tuple(options)
        if cls._defaults is None:
            cls._defaults = {
                name: f.type.read(f.default, self)
                for name, f in cls.fields.items()
                if f.default is not REQUIRED
            }
            # Found by every layer of the class, so that each holds only what it was given.
            for name, value in cls._defaults.items():
                setattr(cls, name, value)
        problems = []
        for name, value in options.items():
            declared = cls.fields.get(name)
            if declared is None:
                problems.append(OptionError(f"unknown option {name!r}", field=name, code="DS102"))
                continue
            try:
                self.__dict__[name] = declared.type.read(value, self)
            except OptionError as error:
                error.field = name
                problems.append(error)
        for name in cls._required:
            if name not in options:
                text = f"missing option {name!r}: {cls.fields[name].type.describe(cls.rank)}"
                problems.append(OptionError(text, field=name, code="DS104"))
        if not problems:
            try:
                self.check()
            except OptionError as error:
                problems.append(error)
        if problems:
            raise InvalidOptions(problems)

    @classmethod
    def accepts(cls, name: str, value: Any) -> bool:
        """Tell whether an option would take a value."""
        probe = object.__new__(cls)
        probe.demands = []
        try:
            cls.fields[name].type.read(value, probe)
        except OptionError:
            return False
        return True

    def check(self) -> None:
        """Check options that depend on each other.

        Raises:
            OptionError: They do not go together; its `field` names the one at fault.
        """

    def output(self, x: Any) -> Shape | list[Shape]:
        """Return the output's shape for an input of shape `x`, the batch axis in front.

        A layer of several outputs returns a list, and the other rules get that as `y`.

        Raises:
            ShapeError: The layer cannot accept this input.
        """
        raise NotImplementedError

    def weights(self, x: Any) -> Iterator[Weight]:
        """Yield the weights in Keras's order; the number of parameters follows from them."""
        yield from ()

    @property
    def counted(self) -> bool:
        """Whether its parameters are known."""
        return True

    @property
    def measured(self) -> bool:
        """Whether its multiply-accumulates are known."""
        return True

    @property
    def output_count(self) -> int:
        """How many outputs it gives."""
        return 1

    @property
    def data_sizes(self) -> Mapping[str, str]:
        """Names for sizes that only the data tells, each with the option that would tell it."""
        return {}

    def left_open(self, name: str) -> Dim:
        """Return the size that `data_sizes` calls so."""
        if self.opened is not None and name in self.opened:
            return self.opened[name]
        return symbol(name, open=True, minimum=1)

    def owned(self, x: Any) -> list[Weight]:
        """Return the weights as they are in this layer, none of them trainable if it is frozen.

        Several rules ask for them with the same `x`, so that the last list is kept.
        """
        if self._owned is None or self._owned[0] is not x:
            weights = list(self.weights(x))
            if not self.trainable:
                for w in weights:
                    w.trainable = False
            self._owned = (x, weights)
        return self._owned[1]

    _owned: tuple[Any, list[Weight]] | None = None

    def macs(self, x: Any, y: Any) -> Dim:
        """Return the multiply-accumulates for one example (no bias, activation or pooling)."""
        return 0

    def explain(self, x: Any, y: Any) -> str:
        """Say in one line, with this model's numbers, what happens and why.

        By default: what the layer is for, and where its parameters come from.
        """
        does = (type(self).__doc__ or type(self).__name__).split("\n")[0].rstrip(".")
        return f"{does}; {self.params_text(x)}"

    def params_text(self, x: Any) -> str:
        """Write where the number of parameters comes from: `3·512 + 512 = 2,048 params`."""
        weights = self.owned(x)
        if not weights:
            return "no params"
        terms = " + ".join(times(*w.shape) or "1" for w in weights)
        total = sum(w.size for w in weights)
        made = "" if terms == count(total) else f"{terms} = "
        return made + plural(total, "param") + self.trained_text(weights)

    def trained_text(self, weights: list[Weight]) -> str:
        """Write how many of the parameters are trained, unless all are."""
        if all(w.trainable for w in weights):
            return ""
        trained = sum(w.size for w in weights if w.trainable)
        return ", none trained" if trained == 0 else f", {count(trained)} trained"

    def operand(self) -> str:
        """Return what its weights act on, in its equation: the input, or what it makes of it."""
        return "input"

    def steps(self, x: Any, y: Any) -> Iterator[str]:
        """Yield how sizes of the output come about, a line each, for the long explanation."""
        yield from ()

    def output_dtype(self, dtype: str) -> str:
        """Return the output's dtype for an input of `dtype`."""
        if self.keeps_dtype and not is_float(dtype):
            return dtype
        if self.keeps_dtype and not self.autocast:
            return dtype
        return self.compute_dtype

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """Return each output's dtype for inputs of these dtypes."""
        return [self.output_dtype(dtypes[0] if dtypes else "float32")] * self.output_count

    @property
    def compute_dtype(self) -> str:
        """The dtype it calculates in."""
        return source_of(self.dtype).removeprefix("mixed_")

    @property
    def variable_dtype(self) -> str:
        """The dtype its weights are kept in: float32 under a mixed policy."""
        policy = source_of(self.dtype)
        return "float32" if policy.startswith("mixed_") else policy

    def weight(
        self,
        name: str,
        shape: Shape,
        axes: tuple[str, ...],
        *,
        initializer: str | None = None,
        **more: Any,
    ) -> Weight:
        """Make a weight; `initializer` is the option that fills it, if not named after it.

        Raises:
            ShapeError: The initializer cannot fill an array of that many axes.
        """
        option = initializer or f"{name}_initializer"
        needed = t.initializer_rank(getattr(self, option))
        if needed is not None and len(shape) not in needed:
            raise ShapeError(
                f"{option} {t.object_name(getattr(self, option))!r} fills arrays of "
                f"{needed.start}{'' if len(needed) == 1 else ' or more'} axes only, "
                f"{name} is {shape_text(shape)}",
                field=option,
            )
        return Weight(name, shape, axes, **more)

    def require(
        self,
        verdict: bool | Requirement,
        message: str,
        *,
        field: str | None = None,
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
    ) -> None:
        """Demand what `at_least`, `equal` or `divides` was asked.

        What holds passes, what is undecided is recorded in `demands`.

        Raises:
            ShapeError: It can never hold; with `message`, and `field` as the option at fault.
        """
        if verdict is False:
            raise ShapeError(message, field=field, help=help)
        if verdict is not True:
            self.demands.append(verdict)

    def need_rank(self, x: Shape, rank: int, axes: str) -> None:
        """Demand an input of exactly `rank` axes, the batch included.

        Raises:
            ShapeError: It has another number; `axes` names the ones expected.
        """
        if len(x) != rank:
            found = f"{shape_text(x)} with {len(x)}"
            raise ShapeError(
                f"{type(self).__name__} needs an input of {rank} axes {axes}, found {found}",
                rank=rank,
            )

    def fixed(self, dim: Dim, what: str) -> Dim:
        """Return `dim`, which sizes a weight and so cannot be left open.

        Raises:
            ShapeError: It is an open (null) size, or the unnamed batch.
        """
        if "batch" in symbols_of(dim):
            raise ShapeError(
                f"{type(self).__name__} needs to know {what}, which is made of the unnamed batch: "
                f"{dim}",
                help="give the batch a size or a name, such as `batch_size: 32`",
                code="DS202",
            )
        if is_open(dim):
            settings = " ".join(f"--set {name}=…" for name in sorted(symbols_of(dim)))
            raise ShapeError(
                f"{type(self).__name__} needs to know {what}, but it is left open: {dim}",
                help="in the input shape, write a size or a name instead of null, "
                f"or pass {settings}",
                code="DS202",
                open=symbols_of(dim),
            )
        return dim


COMMON_FIELDS = {name: f for name, f in vars(Layer).items() if isinstance(f, Field)}
"""The options that every layer has."""
Layer.fields = COMMON_FIELDS


def _register(cls: type[Layer], registry: dict[str, type[Layer]]) -> None:
    if not cls.__module__.startswith("dense_shapes.layers."):
        # A layer of the user's own may be called like one of a family that is not read yet.
        from dense_shapes import layers  # noqa: PLC0415 - this package is not whole before

        layers.registry()
        cls.foreign = True
    for name in (cls.__name__, *cls.aliases):
        other = _BY_ANY_NAME.setdefault(name.lower(), cls)
        if other is not cls:
            raise TypeError(
                f"two layers are called {name}: one in {other.__module__}, one in {cls.__module__}"
            )
    registry[cls.__name__] = cls


def find_layer(name: str) -> type[Layer] | None:
    """Return the layer of that name or alias, in any letter case, or None."""
    return _BY_ANY_NAME.get(name.lower())


def is_float(dtype: str) -> bool:
    """Tell whether a dtype is one of floating-point numbers."""
    return dtype.startswith(("float", "bfloat"))
