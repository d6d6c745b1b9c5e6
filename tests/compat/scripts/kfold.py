# K-fold cross validation
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
import tensorflow as tf

X, y = load_breast_cancer(return_X_y=True)
scores = []
for fold, (train, test) in enumerate(StratifiedKFold(n_splits=3, shuffle=True, random_state=1).split(X, y)):
    tf.keras.backend.clear_session()
    scaler = StandardScaler().fit(X[train])
    model = tf.keras.models.Sequential()
    model.add(tf.keras.layers.Dense(16, input_dim=X.shape[1], activation="relu"))
    model.add(tf.keras.layers.Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(scaler.transform(X[train]), y[train], epochs=15, batch_size=16, verbose=0)
    score = model.evaluate(scaler.transform(X[test]), y[test], verbose=0)
    print("Fold %d %s: %.2f%%" % (fold, model.metrics_names[0], score[1] * 100))
    scores.append(score[1] * 100)
print("%.2f%% (+/- %.2f%%)" % (np.mean(scores), np.std(scores)))
