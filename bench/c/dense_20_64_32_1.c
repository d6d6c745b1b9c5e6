/* The limit for a small network: 20-64-32-1, batch 32, binary cross-entropy, Adam, every size fixed, one thread.
 *
 * Weights (inputs, units), activations (batch, units), row by row. Products keep a tile of 8 rows x 2 vectors in
 * registers. Two transposed copies in the step: the weights of the second layer, for the gradient of the first.
 * build: bench/building.py, bench/contenders/in_c.py
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

enum { IN = 20, ONE = 64, TWO = 32, BATCH = 32, LANES = 16 };
enum { W1 = 0, B1 = W1 + IN * ONE, W2 = B1 + ONE, B2 = W2 + ONE * TWO, W3 = B2 + TWO, B3 = W3 + TWO, ALL = B3 + LANES };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t whole __attribute__((vector_size(4 * LANES)));
#define INLINE static inline __attribute__((always_inline))
#define LINE __attribute__((aligned(64)))

static float weight[ALL] LINE, slope[ALL] LINE, mean[ALL] LINE, square[ALL] LINE;
static float x[BATCH * IN] LINE, y[BATCH] LINE, h1[BATCH * ONE] LINE, h2[BATCH * TWO] LINE;
static float d1[BATCH * ONE] LINE, d2[BATCH * TWO] LINE, d3[BATCH] LINE, turned[TWO * ONE] LINE;
static const float *inputs, *targets;
static long rows, steps;
static int *order;
static uint64_t seed = 88172645463325252u;

INLINE vector at(const float *p) { return *(const vector *)p; }
INLINE void put(float *p, vector v) { *(vector *)p = v; }
INLINE vector many(float f) { return (vector){} + f; }
INLINE vector where(whole mask, vector v) { return (vector)(mask & (whole)v); }
INLINE vector positive(vector v) { return where(v > 0, v); }

/* One tile: c[8, 32] = a[8, k] b[k, 32] (+ bias, then relu); a by its strides. */
INLINE void tile(int high, int depth, const float *a, int down, int along, const float *b, int wide, float *c,
                 int apart, const float *bias, int relu) {
  vector sum[8][2];
  for (int r = 0; r < high; r++)
    for (int v = 0; v < 2; v++) sum[r][v] = bias ? at(bias + LANES * v) : many(0);
  for (int k = 0; k < depth; k++) {
    vector left = at(b + k * wide), right = at(b + k * wide + LANES);
#pragma GCC unroll 8
    for (int r = 0; r < high; r++) {
      vector one = many(a[r * down + k * along]);
      sum[r][0] += one * left;
      sum[r][1] += one * right;
    }
  }
  for (int r = 0; r < high; r++)
    for (int v = 0; v < 2; v++) put(c + r * apart + LANES * v, relu ? positive(sum[r][v]) : sum[r][v]);
}

/* c[m, n] = a[m, k] b[k, n], n a multiple of 32. */
INLINE void product(int m, int n, int k, const float *a, int down, int along, const float *b, float *c,
                    const float *bias, int relu) {
  for (int j = 0; j < n; j += 2 * LANES) {
    int i = 0;
    for (; i + 8 <= m; i += 8)
      tile(8, k, a + i * down, down, along, b + j, n, c + i * n + j, n, bias ? bias + j : 0, relu);
    if (m % 8) tile(m % 8, k, a + i * down, down, along, b + j, n, c + i * n + j, n, bias ? bias + j : 0, relu);
  }
}

/* 16 x 16 in four rounds: in each, the halves of pairs of rows change places. */
INLINE void turn(const float *from, int apart, float *to, int away) {
  vector row[LANES];
  for (int r = 0; r < LANES; r++) row[r] = at(from + r * apart);
#pragma GCC unroll 4
  for (int half = LANES / 2; half; half /= 2) {
    whole low, high;
    for (int k = 0; k < LANES; k++) {
      low[k] = k & half ? k - half + LANES : k;
      high[k] = k & half ? k + LANES : k + half;
    }
#pragma GCC unroll 16
    for (int r = 0; r < LANES; r++)
      if (!(r & half)) {
        vector up = row[r], down = row[r + half];
        row[r] = __builtin_shuffle(up, down, low);
        row[r + half] = __builtin_shuffle(up, down, high);
      }
  }
  for (int r = 0; r < LANES; r++) put(to + r * away, row[r]);
}

static void gather(const int *chosen) {
  for (int i = 0; i < BATCH; i++) {
    memcpy(x + i * IN, inputs + chosen[i] * IN, IN * sizeof(float));
    y[i] = targets[chosen[i]];
  }
}

/* The output, the loss, and its gradient by the output before the sigmoid. */
INLINE float head(void) {
  float loss = 0, z[BATCH], total = 0;
  vector a = at(weight + W3), b = at(weight + W3 + LANES);
  for (int i = 0; i < BATCH; i++) {
    vector s = at(h2 + i * TWO) * a + at(h2 + i * TWO + LANES) * b;
    float sum = 0;
    for (int k = 0; k < LANES; k++) sum += s[k];
    z[i] = sum + weight[B3];
  }
  for (int i = 0; i < BATCH; i++) {
    float e = expf(-fabsf(z[i])), p = (z[i] >= 0 ? 1 : e) / (1 + e);
    loss += (z[i] > 0 ? z[i] : 0) - z[i] * y[i] + logf(1 + e);
    d3[i] = (p - y[i]) / BATCH;
    total += d3[i];
  }
  slope[B3] = total;
  return loss;
}

/* The gradients of the last layer and of what the second gives. */
INLINE void last_layer(void) {
  vector a = at(weight + W3), b = at(weight + W3 + LANES), none = many(0);
  vector ga = none, gb = none, sa = none, sb = none;
  for (int i = 0; i < BATCH; i++) {
    vector d = many(d3[i]), u = at(h2 + i * TWO), v = at(h2 + i * TWO + LANES);
    ga += d * u, gb += d * v;
    u = where(u > 0, d * a), v = where(v > 0, d * b);
    put(d2 + i * TWO, u), put(d2 + i * TWO + LANES, v);
    sa += u, sb += v;
  }
  put(slope + W3, ga), put(slope + W3 + LANES, gb);
  put(slope + B2, sa), put(slope + B2 + LANES, sb);
}

/* The gradient passes the relu of the first layer. */
INLINE void first_relu(void) {
  for (int j = 0; j < ONE; j += LANES) {
    vector sum = many(0);
    for (int i = 0; i < BATCH; i++) {
      vector d = where(at(h1 + i * ONE + j) > 0, at(d1 + i * ONE + j));
      put(d1 + i * ONE + j, d);
      sum += d;
    }
    put(slope + B1 + j, sum);
  }
}

INLINE void adam(void) {
  steps++;
  float rate = 1e-3f * sqrtf(1 - powf(.999f, steps)) / (1 - powf(.9f, steps));
  for (int i = 0; i < ALL; i++) {
    mean[i] += .1f * (slope[i] - mean[i]);
    square[i] += .001f * (slope[i] * slope[i] - square[i]);
    weight[i] -= rate * mean[i] / (sqrtf(square[i]) + 1e-7f);
  }
}

static float step(const int *chosen) {
  gather(chosen);
  product(BATCH, ONE, IN, x, IN, 1, weight + W1, h1, weight + B1, 1);
  product(BATCH, TWO, ONE, h1, ONE, 1, weight + W2, h2, weight + B2, 1);
  float loss = head();
  last_layer();
  product(ONE, TWO, BATCH, h1, 1, ONE, d2, slope + W2, 0, 0);
  for (int i = 0; i < ONE; i += LANES)
    for (int j = 0; j < TWO; j += LANES) turn(weight + W2 + i * TWO + j, TWO, turned + j * ONE + i, ONE);
  product(BATCH, ONE, TWO, d2, TWO, 1, turned, d1, 0, 0);
  first_relu();
  product(IN, ONE, BATCH, x, 1, IN, d1, slope + W1, 0, 0);
  adam();
  return loss;
}

static uint64_t drawn(void) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return seed;
}

static void fill(int from, int count, float limit) {
  for (int i = 0; i < count; i++) weight[from + i] = limit * (2 * (drawn() >> 40) / 16777216.f - 1);
}

/* Takes the data, which the caller keeps, and draws Glorot's uniform weights. */
void prepare(const float *given, const float *wanted, long count) {
  inputs = given, targets = wanted, rows = count, steps = 0;
  order = realloc(order, count * sizeof(int));
  for (long i = 0; i < count; i++) order[i] = i;
  memset(weight, 0, sizeof weight), memset(mean, 0, sizeof mean), memset(square, 0, sizeof square);
  fill(W1, IN * ONE, sqrtf(6.f / (IN + ONE)));
  fill(W2, ONE * TWO, sqrtf(6.f / (ONE + TWO)));
  fill(W3, TWO, sqrtf(6.f / (TWO + 1)));
}

/* Subnormal numbers count as zero from here on, or as before; what was before. */
static unsigned mode(unsigned on, unsigned before) {
#ifdef __SSE__
  unsigned old = _mm_getcsr();
  _mm_setcsr(on ? old | 0x8040 : before);
  return old;
#else
  return on + before;
#endif
}

/* Trains for so many epochs, each in a new order; the mean loss of the last. */
float train(long epochs) {
  float loss = 0;
  unsigned before = mode(1, 0);
  for (long e = 0; e < epochs; e++) {
    for (long i = rows - 1; i > 0; i--) {
      long j = (long)(((drawn() >> 32) * (uint64_t)(i + 1)) >> 32);
      int kept = order[i];
      order[i] = order[j], order[j] = kept;
    }
    loss = 0;
    for (long s = 0; s < rows / BATCH; s++) loss += step(order + s * BATCH);
  }
  mode(0, before);
  return loss / (rows / BATCH * BATCH);
}
