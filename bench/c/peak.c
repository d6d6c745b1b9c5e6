/* The most fused multiplications and additions in float32 that a core does: 24 chains that do not wait for each other.
 * build: gcc -O3 -march=native -ffp-contract=fast -shared -fPIC
 */
#if defined(__AVX512F__)
enum { LANES = 16, CHAINS = 24 };
#elif defined(__AVX__)
enum { LANES = 8, CHAINS = 12 };
#else
enum { LANES = 4, CHAINS = 12 };
#endif
typedef float vector __attribute__((vector_size(4 * LANES)));

/* Floating-point operations done in so many rounds. */
double operations(long rounds) { return 2. * LANES * CHAINS * rounds; }

/* The rounds; what is returned depends on all of them. */
float work(long rounds) {
  vector sum[CHAINS], factor = (vector){} + .9999f, term = (vector){} + 1e-4f;
  for (int i = 0; i < CHAINS; i++) sum[i] = (vector){} + i * .1f;
  for (long k = 0; k < rounds; k++) {
#pragma GCC unroll 24
    for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * factor + term;
  }
  float all = 0;
  for (int i = 0; i < CHAINS; i++)
    for (int k = 0; k < LANES; k++) all += sum[i][k];
  return all;
}
