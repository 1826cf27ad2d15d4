"use strict";
// A GAN in the plane whose densities are both known, in float64, with gradients by hand (a test checks them by
// differences, another one replays whole games in Python). Why no library: TensorFlow.js computes in float32, weighs a
// megabyte, and its second derivatives, which R1 needs, are the part that one would have to check anyway.
//
// Data: a mixture of Gaussians. Generator: CENTRES.length points θ_k; a sample is θ_k + SPREAD · ε with a random k. So q
// is a mixture as well. Discriminator: one hidden layer, logit(x) = Σ_j v_j tanh(a_j x₁ + b_j x₂ + c_j) + d.

const Game = (() => {
  const SPREAD = 0.25, NUM_POINTS = 8, UNITS = 32, BATCH = 64;
  const DATA = {
    ring: Array.from({ length: 8 }, (_, n) => [2 * Math.cos(2 * Math.PI * n / 8), 2 * Math.sin(2 * Math.PI * n / 8)]),
    two: [[-1.5, 0], [1.5, 0]],
  };

  /** Mulberry32: uniform numbers from a seed, the same in every language with 32-bit integers. */
  function uniform(seed) {
    let a = seed >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), a | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  const normal = next => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const sigmoid = t => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)));
  const softplus = t => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));

  function start(seed, data) {
    const next = uniform(1000 + seed), game = { next, data, step: 0, points: [], weights: new Float64Array(4 * UNITS + 1) };
    for (let k = 0; k < NUM_POINTS; k++) game.points.push([0.3 * normal(next), 0.3 * normal(next)]);
    for (let j = 0; j < UNITS; j++) {
      for (let i = 0; i < 3; i++) game.weights[4 * j + i] = normal(next);
      game.weights[4 * j + 3] = normal(next) / Math.sqrt(UNITS);
    }
    for (const name of ["d", "g"]) {  // Adam's means of gradients and of their squares
      const size = name === "d" ? 4 * UNITS + 1 : 2 * NUM_POINTS;
      game[name] = { mean: new Float64Array(size), square: new Float64Array(size), count: 0 };
    }
    return game;
  }

  const near = (centres, next) => {
    const k = Math.min(centres.length - 1, Math.floor(next() * centres.length)), [x, y] = centres[k];
    return [x + SPREAD * normal(next), y + SPREAD * normal(next), k];
  };

  function logit(weights, x, y) {
    let sum = weights[4 * UNITS];
    for (let j = 0; j < 4 * UNITS; j += 4) sum += weights[j + 3] * Math.tanh(weights[j] * x + weights[j + 1] * y + weights[j + 2]);
    return sum;
  }

  /** The slope of the logit in x: what a sample feels. */
  function slope(weights, x, y) {
    let [u, w] = [0, 0];
    for (let j = 0; j < 4 * UNITS; j += 4) {
      const h = Math.tanh(weights[j] * x + weights[j + 1] * y + weights[j + 2]), s = weights[j + 3] * (1 - h * h);
      u += s * weights[j];
      w += s * weights[j + 1];
    }
    return [u, w];
  }

  /** The discriminator's loss, softplus(−logit) on data + softplus(logit) on samples + γ/2 · R1, and its gradient. */
  function discriminator_loss(weights, real, fake, gamma) {
    const gradient = new Float64Array(weights.length);
    let loss = 0;
    for (const [points, sign] of [[real, -1], [fake, 1]]) {
      for (const [x, y] of points) {
        const value = logit(weights, x, y), pull = sign * sigmoid(sign * value) / points.length;
        loss += softplus(sign * value) / points.length;
        gradient[4 * UNITS] += pull;
        const [u, w] = sign < 0 && gamma ? slope(weights, x, y) : [0, 0], c = gamma / points.length;
        if (sign < 0 && gamma) loss += c / 2 * (u * u + w * w);
        for (let j = 0; j < 4 * UNITS; j += 4) {
          const [a, b, , v] = weights.subarray(j, j + 4), h = Math.tanh(a * x + b * y + weights[j + 2]), t = 1 - h * h;
          const along = c * (u * a + w * b);  // R1: by the slope of this unit, v·t·(a, b), in the direction of the whole slope
          const inside = pull * v * t - 2 * along * v * h * t;  // by what stands in the tanh
          gradient[j] += inside * x + c * u * v * t;
          gradient[j + 1] += inside * y + c * w * v * t;
          gradient[j + 2] += inside;
          gradient[j + 3] += pull * h + along * t;
        }
      }
    }
    return [loss, gradient];
  }

  /** The generator's non-saturating loss, softplus(−logit) on samples, and its gradient by the points. */
  function generator_loss(weights, fake) {
    const gradient = new Float64Array(2 * NUM_POINTS);
    let loss = 0;
    for (const [x, y, k] of fake) {
      const value = logit(weights, x, y), pull = -sigmoid(-value) / fake.length, [u, w] = slope(weights, x, y);
      loss += softplus(-value) / fake.length;
      gradient[2 * k] += pull * u;
      gradient[2 * k + 1] += pull * w;
    }
    return [loss, gradient];
  }

  /** One step of Adam with β₁ = 0 and β₂ = 0.99: what to subtract. */
  function adam(state, gradient, rate) {
    state.count += 1;
    return gradient.map((each, n) => {
      state.square[n] = 0.99 * state.square[n] + 0.01 * each * each;
      return rate * each / (Math.sqrt(state.square[n] / (1 - 0.99 ** state.count)) + 1e-8);
    });
  }

  /** D moves, then G answers. */
  function step(game, gamma) {
    const draw = centres => Array.from({ length: BATCH }, () => near(centres, game.next));
    const [d_loss, by_weights] = discriminator_loss(game.weights, draw(DATA[game.data]), draw(game.points), gamma);
    adam(game.d, by_weights, 0.02).forEach((each, n) => { game.weights[n] -= each; });
    const [g_loss, by_points] = generator_loss(game.weights, draw(game.points));
    adam(game.g, by_points, 0.01).forEach((each, n) => { game.points[Math.floor(n / 2)][n % 2] -= each; });
    game.step += 1;
    return [d_loss, g_loss];
  }

  function density(centres, x, y) {
    let sum = 0;
    for (const [a, b] of centres) sum += Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * SPREAD ** 2));
    return sum / (centres.length * 2 * Math.PI * SPREAD ** 2);
  }

  /** Over a grid of the plane: V of this discriminator, V of the best one, D* = p/(p + q), both in nats. */
  function values({ data, points, weights }, reach = 6, cells = 120) {
    let [best, own] = [0, 0];
    const width = 2 * reach / cells;
    for (let i = 0; i <= cells; i++) for (let j = 0; j <= cells; j++) {
      const x = -reach + i * width, y = -reach + j * width, p = density(DATA[data], x, y), q = density(points, x, y);
      if (p + q < 1e-30) continue;
      if (p > 0) best += p * Math.log(p / (p + q));
      if (q > 0) best += q * Math.log(q / (p + q));
      const value = logit(weights, x, y);
      own -= p * softplus(-value) + q * softplus(value);
    }
    return { best: best * width * width, own: own * width * width };
  }

  return { DATA, SPREAD, UNITS, adam, density, discriminator_loss, generator_loss, logit, sigmoid, slope, start, step, uniform, values };
})();
