# First steps with TensorFlow's own functions
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

tf.get_logger().setLevel("ERROR")
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
tf.random.set_seed(42)
print(tf.executing_eagerly(), tf.config.list_physical_devices("GPU"))
a = tf.constant([[1.0, 2.0], [3.0, 4.0]])
b = tf.Variable(tf.ones([2, 2]), name="b")
b.assign_add(a)
print(tf.matmul(a, b).numpy().tolist(), (a + b).shape, a.dtype == tf.float32)
print(tf.reduce_sum(a, axis=0).numpy(), tf.reduce_mean(a).numpy(), tf.reduce_max(a, axis=1, keepdims=True).numpy().tolist())
print(tf.cast([1.7, 2.2], tf.int32).numpy(), tf.argmax(a, axis=1).numpy(), tf.square(3).numpy())
print(tf.nn.softmax([[0.0, 0.0]]).numpy(), tf.math.log(tf.constant(1.0)).numpy(), tf.nn.relu([-1.0, 1.0]).numpy())
print(tf.one_hot([0, 2], depth=3).numpy().tolist(), tf.concat([a, a], axis=0).shape, tf.expand_dims(a, 0).shape)
print(tf.reshape(tf.range(6), [2, -1]).numpy().tolist(), tf.transpose(a).numpy().tolist(), tf.zeros((2, 1)).numpy().tolist())
print(tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]).numpy().tolist(), tf.clip_by_value(a, 1.5, 3.5).numpy().tolist())
print(tf.random.normal([2, 3]).shape, tf.random.uniform([4], 0, 10, dtype=tf.int32).shape)


@tf.function
def f(x):
    return x * 2 + 1


print(f(tf.constant(2.0)).numpy(), tf.convert_to_tensor(np.arange(3)).numpy())
with tf.device("/CPU:0"):
    print(tf.linalg.norm([3.0, 4.0]).numpy(), tf.add(1, 2).numpy(), int(tf.size(a)), tf.is_tensor(a))
