"""Which module name of a Keras or TensorFlow script stands for which part of chainrule: one table.

A part is `module` (all of its public names), `module:Name,other` (these names; `name=own` where the module calls it
`own`) or `module:` (none: only the modules below it). A name is looked for in the parts from left to right.
"""

from __future__ import annotations

# Keras and TensorFlow whose numbers the golden files of the tests hold; the suffix says who is speaking, in the form
# that `packaging.version.parse` and `tf.__version__.split(".")` understand.
KERAS_VERSION = "3.15.1+chainrule"
TENSORFLOW_VERSION = "2.21.0+chainrule"

TOP = ("keras", "tensorflow")
ABSENT_ONLY = ("jax",)  # only where no package of that name is installed

_OWN = "chainrule.compat"
_CUSTOM = (
    "chainrule.serialization:CustomObjectScope,custom_object_scope,deserialize_keras_object,get_custom_objects,"
    "get_registered_name,get_registered_object,register_keras_serializable,serialize_keras_object"
)
_SHORT_LOSSES = (  # as Keras 2 called them
    "chainrule.losses:KLD=kl_divergence,kld=kl_divergence,kullback_leibler_divergence=kl_divergence,"
    "MAE=mean_absolute_error,mae=mean_absolute_error,MAPE=mean_absolute_percentage_error,"
    "mape=mean_absolute_percentage_error,MSE=mean_squared_error,mse=mean_squared_error,"
    "MSLE=mean_squared_logarithmic_error,msle=mean_squared_logarithmic_error,logcosh=log_cosh"
)

MODULES: dict[str, tuple[str, ...]] = {
    "keras": (
        "chainrule.dtype_policies:DTypePolicy,FloatDTypePolicy",
        "chainrule.quantizers:Quantizer",
        "chainrule:Function,Initializer,Input,InputSpec,KerasTensor,Layer,Loss,Metric,Model,Operation,Optimizer,"
        "Regularizer,Sequential,Variable",
        f"{_OWN}.keras:RematScope,__version__,version,device,name_scope,remat",
        f"{_OWN}.scopes",
    ),
    "keras.activations": ("chainrule.activations",),
    "keras.applications": ("chainrule.applications",),
    "keras.applications.convnext": (
        "chainrule.applications.convnext",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=nothing",
    ),
    "keras.applications.densenet": (
        "chainrule.applications.dense",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=torch",
    ),
    "keras.applications.efficientnet": (
        "chainrule.applications.efficient",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=nothing",
    ),
    "keras.applications.efficientnet_v2": (
        "chainrule.applications.efficient2",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=nothing",
    ),
    "keras.applications.inception_resnet_v2": (
        "chainrule.applications.inception_resnet",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.nasnet": (
        "chainrule.applications.nasnet",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.inception_v3": (
        "chainrule.applications.inception",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.mobilenet": (
        "chainrule.applications.mobile:MobileNet",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.imagenet_utils": ("chainrule.applications.preparing:decode_predictions,preprocess_input",),
    "keras.applications.mobilenet_v2": (
        "chainrule.applications.mobile:MobileNetV2",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.mobilenet_v3": (
        "chainrule.applications.mobile3:",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=nothing",
    ),
    "keras.applications.resnet": (
        "chainrule.applications.resnet:ResNet50,ResNet101,ResNet152",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=caffe",
    ),
    "keras.applications.resnet50": (
        "chainrule.applications.resnet:ResNet50",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=caffe",
    ),
    "keras.applications.resnet_v2": (
        "chainrule.applications.resnet:ResNet50V2,ResNet101V2,ResNet152V2",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.applications.vgg16": (
        "chainrule.applications.vgg:VGG16",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=caffe",
    ),
    "keras.applications.vgg19": (
        "chainrule.applications.vgg:VGG19",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=caffe",
    ),
    "keras.applications.xception": (
        "chainrule.applications.xception",
        "chainrule.applications.preparing:decode_predictions,preprocess_input=tf",
    ),
    "keras.backend": (f"{_OWN}.backend", f"{_OWN}.older_backend"),
    "keras.callbacks": ("chainrule.callbacks",),
    "keras.config": (
        "chainrule.config:epsilon,floatx,image_data_format,max_epochs,max_steps_per_epoch,set_epsilon,set_floatx,"
        "set_image_data_format,set_max_epochs,set_max_steps_per_epoch",
        f"{_OWN}.keras:backend",
        "chainrule.dtype_policies:dtype_policy,set_dtype_policy",
        f"{_OWN}.settings",
    ),
    "keras.constraints": ("chainrule.constraints",),
    "keras.datasets": (f"{_OWN}.datasets:",),
    "keras.datasets.boston_housing": (f"{_OWN}.datasets:load_data=boston_housing",),
    "keras.datasets.california_housing": (f"{_OWN}.datasets:load_data=california_housing",),
    "keras.datasets.cifar10": (f"{_OWN}.datasets:load_data=cifar10",),
    "keras.datasets.cifar100": (f"{_OWN}.datasets:load_data=cifar100",),
    "keras.datasets.fashion_mnist": (f"{_OWN}.datasets:load_data=fashion_mnist",),
    "keras.datasets.imdb": (f"{_OWN}.word_datasets:load_data=imdb,get_word_index=imdb_word_index",),
    "keras.datasets.mnist": (f"{_OWN}.datasets:load_data=mnist",),
    "keras.datasets.reuters": (
        f"{_OWN}.word_datasets:load_data=reuters,get_word_index=reuters_word_index,get_label_names=reuters_label_names",
    ),
    "keras.dtype_policies": (
        "chainrule.dtype_policies:DTypePolicy,DTypePolicyMap,FloatDTypePolicy,Int4DTypePolicy,QuantizedDTypePolicy,"
        "deserialize,get,serialize",
    ),
    "keras.initializers": ("chainrule.initializers",),
    "keras.distillation": ("chainrule.models:DistillationLoss,Distiller,FeatureDistillation,LogitsDistillation",),
    "keras.distribution": (f"{_OWN}.distribution",),
    "keras.layers": ("chainrule.layers", "chainrule:Input,InputSpec,Layer", f"{_OWN}.older_names:ThresholdedReLU"),
    "keras.losses": ("chainrule.losses", _SHORT_LOSSES, f"{_OWN}.older_names:Reduction"),
    "keras.metrics": ("chainrule.metrics", _SHORT_LOSSES),
    "keras.mixed_precision": (
        "chainrule.dtype_policies:DTypePolicy,Policy=DTypePolicy,dtype_policy,global_policy=dtype_policy,"
        "set_dtype_policy,set_global_policy=set_dtype_policy",
        "chainrule.optimizers:LossScaleOptimizer",
    ),
    "keras.models": ("chainrule.models",),
    "keras.ops": ("chainrule.ops", f"{_OWN}.gradients:custom_gradient,jvp"),
    "keras.ops.image": ("chainrule.ops.image",),
    "keras.ops.linalg": (
        "chainrule.ops:cholesky,cholesky_inverse,det,eig,eigh,inv,lstsq,lu_factor,matrix_rank,norm,pinv,qr,slogdet,"
        "solve,solve_triangular,svd",
        f"{_OWN}.gradients:jvp",
    ),
    "keras.ops.nn": ("chainrule.ops",),
    "keras.ops.numpy": ("chainrule.ops",),
    "keras.optimizers": ("chainrule.optimizers",),
    "keras.optimizers.schedules": ("chainrule.optimizers.schedules",),
    "keras.preprocessing": (
        f"{_OWN}.folders",
        "chainrule.utils:image_dataset_from_directory,text_dataset_from_directory,timeseries_dataset_from_array",
    ),
    "keras.preprocessing.image": (
        f"{_OWN}.pictures", f"{_OWN}.older_images",
    ),
    "keras.preprocessing.sequence": (
        "chainrule.utils:pad_sequences", f"{_OWN}.older_text:TimeseriesGenerator,make_sampling_table,skipgrams",
    ),
    "keras.preprocessing.text": (
        f"{_OWN}.older_text:Tokenizer,hashing_trick,one_hot,text_to_word_sequence,tokenizer_from_json",
    ),
    "keras.quantizers": ("chainrule.quantizers",),
    "keras.random": ("chainrule.random",),
    "keras.regularizers": ("chainrule.regularizers",),
    "keras.saving": ("chainrule.saving", _CUSTOM),
    "keras.tree": (f"{_OWN}.tree",),
    "keras.utils.bounding_boxes": ("chainrule.utils.bounding_boxes",),
    "keras.utils": (f"{_OWN}.pictures", f"{_OWN}.folders", "chainrule.utils", "chainrule.models:FeatureSpace"),
    "keras.wrappers": ("chainrule.wrappers",),
    "jax": ("chainrule:grad,value_and_grad", f"{_OWN}.jax"),
    "jax.lax": ("chainrule.ops:rsqrt,scan,stop_gradient,top_k",),
    "jax.nn": ("chainrule.ops", f"{_OWN}.jax:one_hot"),
    "jax.numpy": ("chainrule.ops", f"{_OWN}.jax_numpy"),
    "jax.tree": (f"{_OWN}.jax:leaves=tree_leaves,map=tree_map",),
    "jax.tree_util": (f"{_OWN}.jax:tree_leaves,tree_map",),
    "tensorflow": (
        f"{_OWN}.tensorflow.core",
        f"{_OWN}.tensorflow.core:__version__",
        f"{_OWN}.tensorflow.places",
        f"{_OWN}.tensorflow.tape:GradientTape",
        f"{_OWN}.tensorflow.data_spec:TensorSpec",
        f"{_OWN}.tensorflow.math",
        f"{_OWN}.tensorflow.dtypes",
        f"{_OWN}.tensorflow.control",
        f"{_OWN}.tensorflow.pieces",
        f"{_OWN}.tensorflow.complex_numbers:complex,imag,real",
        f"{_OWN}.tensorflow.debugging:Assert,assert_equal,assert_greater,assert_less,assert_rank,debugging",
        f"{_OWN}.tensorflow.module:Module",
        f"{_OWN}.tensorflow.older:UnconnectedGradients,VariableAggregation,VariableSynchronization",
        f"{_OWN}.tensorflow.ragged:RaggedTensor",
        f"{_OWN}.tensorflow.shapes:TensorShape",
        f"{_OWN}.tensorflow.sparse:SparseTensor",
        "chainrule.initializers:constant_initializer=Constant,ones_initializer=Ones,zeros_initializer=Zeros,"
        "random_normal_initializer=RandomNormal,random_uniform_initializer=RandomUniform",
    ),
    "tensorflow.audio": (f"{_OWN}.tensorflow.audio",),
    "tensorflow.autograph": (f"{_OWN}.tensorflow.machine:set_verbosity",),
    "tensorflow.autograph.experimental": (f"{_OWN}.tensorflow.older:do_not_convert,set_loop_options",),
    "tensorflow.compat": (f"{_OWN}.tensorflow.older:as_bytes,as_str,as_str_any,as_text",),
    "tensorflow.compat.v1": (
        f"{_OWN}.tensorflow.machine:set_random_seed",
        f"{_OWN}.tensorflow.older:ConfigProto,GPUOptions,Graph,InteractiveSession,Session,disable_eager_execution,"
        "disable_v2_behavior,enable_eager_execution,enable_v2_behavior,get_variable,global_variables_initializer,layers,"
        "placeholder,reset_default_graph,variable_scope",
    ),
    "tensorflow.compat.v1.keras.backend": (f"{_OWN}.tensorflow.older:set_session",),
    "tensorflow.compat.v1.train": (f"{_OWN}.tensorflow.older:AdamOptimizer,GradientDescentOptimizer,Saver",),
    "tensorflow.compat.v1.logging": (f"{_OWN}.tensorflow.logging",),
    "tensorflow.config": (f"{_OWN}.tensorflow.machine",),
    "tensorflow.config.experimental": (f"{_OWN}.tensorflow.machine",),
    "tensorflow.config.optimizer": (f"{_OWN}.tensorflow.machine:set_jit",),
    "tensorflow.config.threading": (f"{_OWN}.tensorflow.machine",),
    "tensorflow.data": (
        f"{_OWN}.tensorflow.data", f"{_OWN}.tensorflow.records:TFRecordDataset", f"{_OWN}.tensorflow.older:Options",
    ),
    "tensorflow.data.experimental": (
        f"{_OWN}.tensorflow.data:AUTOTUNE,INFINITE_CARDINALITY,UNKNOWN_CARDINALITY,cardinality",
        f"{_OWN}.tensorflow.data_more", f"{_OWN}.tensorflow.older:AutoShardPolicy", f"{_OWN}.tensorflow.data_older",
        f"{_OWN}.tensorflow.records:TFRecordWriter",
    ),
    "tensorflow.debugging": (f"{_OWN}.tensorflow.debugging",),
    "tensorflow.distribute": (f"{_OWN}.tensorflow.distribute",),
    "tensorflow.distribute.cluster_resolver": (f"{_OWN}.tensorflow.distribute:TPUClusterResolver",),
    "tensorflow.distribute.experimental": (
        f"{_OWN}.tensorflow.distribute:MultiWorkerMirroredStrategy,ParameterServerStrategy,TPUStrategy",
    ),
    "tensorflow.dtypes": (f"{_OWN}.tensorflow.dtypes", f"{_OWN}.tensorflow.core:cast"),
    "tensorflow.errors": (f"{_OWN}.tensorflow.failures",),
    "tensorflow.experimental.numpy": (f"{_OWN}.tensorflow.older:experimental_enable_numpy_behavior",),
    "tensorflow.image": (
        f"{_OWN}.tensorflow.image_chance", f"{_OWN}.tensorflow.image_boxes",
        f"{_OWN}.tensorflow.io_text:encode_jpeg,encode_png,is_jpeg",
        f"{_OWN}.tensorflow.image", f"{_OWN}.tensorflow.image_colors",
        f"{_OWN}.tensorflow.io:decode_image,decode_jpeg,decode_png",
    ),
    "tensorflow.io": (f"{_OWN}.tensorflow.io", f"{_OWN}.tensorflow.io_text", f"{_OWN}.tensorflow.records"),
    "tensorflow.io.gfile": (f"{_OWN}.tensorflow.gfile",),
    "tensorflow.linalg": (f"{_OWN}.tensorflow.linalg", f"{_OWN}.tensorflow.places:global_norm"),
    "tensorflow.lookup": (f"{_OWN}.tensorflow.lookup",),
    "tensorflow.lookup.experimental": (f"{_OWN}.tensorflow.lookup:DenseHashTable,MutableHashTable",),
    "tensorflow.math": (
        f"{_OWN}.tensorflow.math", f"{_OWN}.tensorflow.segments",
        f"{_OWN}.tensorflow.pieces:bincount,digamma,invert_permutation,lgamma,multiply_no_nan,polyval,reciprocal_no_nan,"
        "reduce_euclidean_norm,scalar_mul,xdivy,xlogy",
        f"{_OWN}.tensorflow.complex_numbers:angle,conj,imag,real",
        f"{_OWN}.tensorflow.nn_windows:zero_fraction",
    ),
    "tensorflow.nest": (f"{_OWN}.tree",),
    "tensorflow.nn": (
        f"{_OWN}.tensorflow.nn", f"{_OWN}.tensorflow.nn_windows",
        f"{_OWN}.tensorflow.nn_candidates:nce_loss,sampled_softmax_loss",
    ),
    "tensorflow.nn.experimental": (f"{_OWN}.tensorflow.nn_windows:stateless_dropout",),
    "tensorflow.profiler.experimental": (f"{_OWN}.tensorflow.summary:start,stop",),
    "tensorflow.ragged": (f"{_OWN}.tensorflow.ragged:constant,range,stack",),
    "tensorflow.random": (
        f"{_OWN}.tensorflow.random", f"{_OWN}.tensorflow.generators",
        f"{_OWN}.tensorflow.nn_candidates:fixed_unigram_candidate_sampler,log_uniform_candidate_sampler,"
        "uniform_candidate_sampler",
    ),
    "tensorflow.random.experimental": (
        f"{_OWN}.tensorflow.generators:Generator,get_global_generator,stateless_fold_in=fold_in,stateless_shuffle,"
        "stateless_split=split",
    ),
    "tensorflow.saved_model": (f"{_OWN}.tensorflow.saved_model",),
    "tensorflow.signal": (f"{_OWN}.tensorflow.signal",),
    "tensorflow.sparse": (f"{_OWN}.tensorflow.sparse",),
    "tensorflow.strings": (f"{_OWN}.tensorflow.strings",),
    "tensorflow.summary": (f"{_OWN}.tensorflow.summary",),
    "tensorflow.summary.experimental": (f"{_OWN}.tensorflow.summary:get_step,set_step",),
    "tensorflow.sysconfig": (f"{_OWN}.tensorflow.older:get_build_info",),
    "tensorflow.test": (
        f"{_OWN}.tensorflow.machine:gpu_device_name,is_built_with_cuda,is_built_with_gpu_support,is_gpu_available",
    ),
    "tensorflow.tpu.experimental": (f"{_OWN}.tensorflow.older:initialize_tpu_system",),
    "tensorflow.train": (f"{_OWN}.tensorflow.train", f"{_OWN}.tensorflow.protobuf"),
    "tensorflow.version": (f"{_OWN}.tensorflow.core:VERSION=__version__",),
}

# Other names of the same modules: the beginning of a name, and what it is read as. The second half are homes that
# Keras 2 gave to today's names: older tutorials import from there.
ALIASES: dict[str, str] = {
    "keras._tf_keras.keras": "keras",
    "keras.api": "keras",
    "tensorflow.compat.v2": "tensorflow",
    "tensorflow.initializers": "keras.initializers",
    "tensorflow.keras": "keras",
    "tensorflow.losses": "keras.losses",
    "tensorflow.metrics": "keras.metrics",
    "tensorflow.optimizers": "keras.optimizers",
    "keras.layers.advanced_activations": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.core": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.experimental.preprocessing": "keras.layers",
    "keras.layers.merge": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.utils.np_utils": "keras.utils",
}

# What to do about names that are not here, by name or by the beginning of it.
HINTS: dict[str, str] = {
    "keras.applications": "Of the named architectures there are ConvNeXt, DenseNet, EfficientNet (V2), InceptionV3, "
    "InceptionResNetV2, MobileNet (V2, V3), NASNet, ResNet (V2), VGG and Xception.",
    "keras.preprocessing.image": "keras.utils.image_dataset_from_directory reads folders of pictures.",
    "keras.src": "It is private to Keras: import the name from keras.layers, keras.models, ... instead.",
    "keras.wrappers.scikit_learn": "Today it is keras.wrappers.SKLearnClassifier and SKLearnRegressor.",
    "tensorflow.Session": "It belongs to TensorFlow 1: call the functions directly, no session is needed.",
    "tensorflow.estimator": "It belongs to TensorFlow 1: use keras.Sequential.",
    "tensorflow.image": "Work on pictures with Pillow or NumPy.",
    "tensorflow.io": "Read files with Python's own functions, pictures with Pillow, tables with pandas.",
    "tensorflow.placeholder": "It belongs to TensorFlow 1: use keras.Input, or call functions on arrays.",
    "tensorflow.python": "It is private to TensorFlow: write `from tensorflow.keras...` or `from keras...` instead.",
}


def names_of(part: str) -> tuple[str, dict[str, str] | None]:
    """The module of a part, and its names there by the names that scripts use; None for all public ones.

    >>> names_of("chainrule.x:load_data=mnist,size"), names_of("chainrule.x")
    (('chainrule.x', {'load_data': 'mnist', 'size': 'size'}), ('chainrule.x', None))
    """
    module, colon, listed = part.partition(":")
    pairs = [item.partition("=") for item in listed.split(",") if item]
    return module, {name: own or name for name, _, own in pairs} if colon else None


def canonical(name: str) -> str:
    """The one name that a module, or a name in it, is listed under.

    >>> canonical("tensorflow.keras.layers"), canonical("tensorflow.keras.utils.np_utils")
    ('keras.layers', 'keras.utils')
    """
    for alias in sorted(ALIASES, key=len, reverse=True):
        if name == alias or name.startswith(alias + "."):
            return canonical(ALIASES[alias] + name[len(alias) :])
    return name


def is_module(name: str) -> bool:
    """Whether something can be imported under this name: it is listed, or lies above one that is.

    >>> is_module("tensorflow.keras.layers"), is_module("keras.layers.experimental"), is_module("keras.layers.Dense")
    (True, True, False)
    """
    full = canonical(name)
    return full in MODULES or any(other.startswith(full + ".") for other in (*MODULES, *ALIASES))


def children(name: str) -> list[str]:
    """The names of the modules and aliases directly below a module, without its own name in front.

    >>> children("keras.optimizers")
    ['legacy', 'schedules']
    """
    below = [full[len(name) + 1 :] for full in (*MODULES, *ALIASES) if full.startswith(name + ".")]
    return sorted({rest.split(".")[0] for rest in below})


def hint(name: str) -> str:
    """What to do about a name that is absent, an empty string where nothing special is known.

    >>> hint("tensorflow.image.resize")[:28]
    ' Work on pictures with Pillo'
    """
    while name:
        if name in HINTS:
            return " " + HINTS[name]
        name = name.rpartition(".")[0]
    return ""
