"""What the codes of diagnostics mean and what to do about each, for services that show rules."""

HELP: dict[str, str] = {
    "DS001": "The file is no text in UTF-8 and no archive that is known. Save it as UTF-8.",
    "DS002": "The text is not YAML or JSON. Mend it at the line given; an editor that knows the "
    "format shows the same.",
    "DS003": "There is nothing in the file. Write a model with `input_shape` and `layers` into it.",
    "DS004": "A model is data: tags that make objects, and YAML that cannot be read safely, are "
    "refused. Write plain mappings, lists and values.",
    "DS005": "The file is larger, deeper or grows larger than a model does. Divide it, or write "
    "what is repeated as `repeat` or as a block.",
    "DS006": "YAML 1.1 and 1.2 read this value differently. Put it in quotes, or write it plainly.",
    "DS007": "A mapping has the key twice, and one of the values would be lost. Take one out.",
    "DS008": "The file is neither a spec of dense-shapes nor a model that Keras saved.",
    "DS009": "The kind of file is known, but not read yet. Save the model in another form.",
    "DS010": "The file could not be read at all. See that it is there and may be read, and that "
    "names for --set and further packages are right.",
    "DS101": "The spec has no such key. Correct its spelling, or take it out.",
    "DS102": "The layer has no such option. `dense-shapes layers NAME` lists those that it has.",
    "DS103": "No layer has that name. `dense-shapes layers` lists all; --plugin loads more.",
    "DS104": "Something that must be said is not. Add it where the message says.",
    "DS105": "The value is of another kind, or not one of those that are allowed there.",
    "DS106": "The expression cannot be worked out. Allowed are + - * // % ^ ( ), an exact /, "
    "floor, ceil, min, max, integers and names.",
    "DS107": "No var, argument or input size has that name. Declare it in `vars`, or correct it.",
    "DS108": "Two layers have one name. Rename one of them.",
    "DS110": "The options cannot be given together. Take one of them out.",
    "DS111": "`from` or `outputs` names something that is not there. Correct the name.",
    "DS112": "Each of these layers waits for another one of them. Let one take another input.",
    "DS113": "The layer takes more or fewer inputs than it is given. Correct its `from`.",
    "DS114": "A block that contains itself would never end. Use `repeat` for a number of turns.",
    "DS201": "The layer cannot accept what comes in. The message has the shapes; often a Flatten, "
    "a Reshape or another kernel size is missing.",
    "DS202": "A size is left open that this layer needs to know. Name it, or bind it by --set.",
    "DS203": "A size comes out as less than 1, or is larger than allowed. Make the input larger, "
    "or the layers before smaller.",
    "DS204": "What the layer gives is known to its own code only. Give it an `output_shape`, or "
    "teach its rules by --plugin.",
    "DS301": "Dense is a matrix product over the last axis, repeated at every position. Put "
    "Flatten before it if each example is to have one answer; else add `ignore: [DS301]`.",
    "DS302": "Nothing takes what the layer gives, and it is no output. Connect it, or remove it.",
    "DS303": "A total is not known because a layer's share is not. Say it, as by `params:`.",
    "DS304": "The block is declared and never used. Use it, or remove it.",
    "DS310": "The file says that a layer has another shape than follows from its options. One of "
    "the two is out of date.",
    "DS311": "The weights that the file lists are not those of its layers. It was put together by "
    "hand, or saved by code that changes layers.",
    "DS312": "The code of a function in a saved model is never run. It was taken to keep the "
    "shape, as asked for by --lambda.",
    "DS401": "The output has another shape than expected. If that is meant, correct `expect`.",
    "DS402": "A count is out of the bounds that are expected; the message has the difference and "
    "the layers that it comes from. If that is meant, correct `expect`.",
    "DS403": "An expectation is about a layer that is not there. It was renamed or removed.",
    "DS404": "A layer is there that was expected to be absent. Remove it, or correct `expect`.",
    "DS405": "The layer has another type than expected. If that is meant, correct `expect`.",
    "DS406": "A layer type is forbidden here. Use another, or take it off the list of `forbid`.",
    "DS407": "A layer type must be there and is not. Add it, or take it off the list of `require`.",
    "DS408": "Whether the expectation holds for every size cannot be told. Bind sizes by --set.",
    "DS409": "What the expectation is about is not known, and so it cannot hold. A warning says "
    "of which layer it is not known.",
    "DS410": "Nothing is asserted about the model. Add `expect` to the spec, or give --expect.",
    "DS420": "The baseline cannot be read. Take it from the repository again, or write it anew.",
    "DS421": "The baseline does not hold this model. Accept it by --update-baseline.",
    "DS422": "A layer is there that the baseline does not have. If that is meant, accept it by "
    "--update-baseline and review the change of the baseline.",
    "DS423": "A layer of the baseline is not there. If that is meant, accept it by "
    "--update-baseline and review the change of the baseline.",
    "DS424": "A layer is not what the baseline says. If that is meant, accept it by "
    "--update-baseline and review the change of the baseline.",
    "DS425": "A layer has another name than in the baseline. Weights that are loaded by name would "
    "miss it. If that is meant, accept it by --update-baseline.",
    "DS426": "A layer stands elsewhere than in the baseline. If that is meant, accept it by "
    "--update-baseline.",
    "DS427": "The model takes or gives something else than in the baseline. If that is meant, "
    "accept it by --update-baseline.",
    "DS428": "Totals are not those of the baseline. If that is meant, accept them by "
    "--update-baseline.",
    "DS429": "The model works for other sizes than in the baseline. If that is meant, accept it by "
    "--update-baseline.",
    "DS430": "A model of the baseline has no file any more. Bring it back, or take it out by "
    "--update-baseline.",
    "DS501": "The model has something that the form asked for cannot say.",
    "DS502": "The model that was written differs in something that does not touch its shapes.",
}
"""A few sentences for each code."""
