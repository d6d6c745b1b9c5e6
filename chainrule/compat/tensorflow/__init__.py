"""The small part of TensorFlow's own names that beginners' scripts use beside `tf.keras`, written with `chainrule.ops`."""
