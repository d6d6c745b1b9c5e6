"""The small part of TensorFlow's own names that scripts use beside `tf.keras`, written with `chainrule.ops`."""
