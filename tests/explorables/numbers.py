"""What the explorables must show, by the library: `python -m tests.explorables.numbers` writes numbers.json.

The browser has an environment of its own, without the library. So the numbers lie in a file: a test in the course's
environment holds them to the library, and one in the browser holds the pages to them.
"""

import json
from pathlib import Path

import numpy as np
from scipy.special import expit
from scipy.stats import chi2

from course_lib.exact import (
    Diffusion1D,
    DiracGAN,
    ProbabilisticPCA,
    eigenvalue_moduli,
    fit_linear_vae,
    gaussian_log_density,
    mean_field_gaussian,
    multivariate_gaussian_kl,
)
from course_lib.formulas import standard_normal_kl
from tests.explorables import plane_game
from tools.editions import latent_walk as latent_walk_weights

FILE = Path(__file__).with_name("numbers.json")


def elbo_meter(m1, m2, s1, s2, correlation):
    model = ProbabilisticPCA([[2.0, 1.2], [1.0, 0.9], [0.5, -0.2]], np.zeros(3), 0.5)
    x, mean = [[2.0, 1.0, 0.5]], np.array([[m1, m2]])
    covariance = np.array([[s1**2, correlation * s1 * s2], [correlation * s1 * s2, s2**2]])
    log_p, gap = model.log_prob(x)[0], multivariate_gaussian_kl(mean, covariance, *model.posterior(x))[0]
    kl = multivariate_gaussian_kl(mean, covariance, np.zeros(2), np.eye(2))[0]
    found = {"log_p": log_p, "gap": gap, "elbo": log_p - gap, "kl": kl, "reconstruction": log_p - gap + kl}
    if correlation == 0:  # two more ways to the same numbers
        log_var = 2 * np.log([[s1, s2]])
        assert np.isclose(model.elbo(x, mean, log_var)[0], found["elbo"], atol=1e-9)
        assert np.isclose(float(standard_normal_kl(mean, log_var)[0]), kl, atol=1e-5)
    return found


def of_elbo_meter():
    model = ProbabilisticPCA([[2.0, 1.2], [1.0, 0.9], [0.5, -0.2]], np.zeros(3), 0.5)
    (mean,), covariance = model.posterior([[2.0, 1.0, 0.5]])
    best, deviation = np.sqrt(mean_field_gaussian(covariance)[0]), np.sqrt(np.diag(covariance))
    correlation = covariance[0, 1] / deviation.prod()
    names = ("m1", "m2", "s1", "s2", "correlation")
    places = [(0.2, -0.2, 0.4, 0.4, 0.0), (-2.0, 1.5, 1.2, 0.1, 0.9), (1.0, 0.0, 0.3, 0.3, -0.8)]
    places += [(*mean, *best, 0.0), (*mean, *deviation, correlation)]
    return [dict(zip(names, map(float, each), strict=True)) for each in places], elbo_meter


def dirac_gan(h, gamma, theta, psi, steps, order):
    game, alternating = DiracGAN(h, gamma), order == "alternating"
    largest, smallest = eigenvalue_moduli(game.alternating_jacobian() if alternating else game.simultaneous_jacobian())
    path = game.trajectory(theta, psi, steps, alternating)
    found = {"largest": largest, "smallest": smallest, "theta_end": path[-1, 0], "psi_end": path[-1, 1]}
    return found | {"start": np.hypot(*path[0]), "radius": np.hypot(*path[-1])}


def of_dirac_gan():
    names = ("h", "gamma", "theta", "psi", "steps", "order")
    places = [(0.5, 0.0, 1.0, 0.0, 60, each) for each in ("simultaneous", "alternating")]
    places += [(1.0, 1.0, -2.5, 1.5, 200, each) for each in ("simultaneous", "alternating")]
    places += [(0.2, 0.3, 2.0, 2.0, 400, "simultaneous"), (1.7, 3.0, 0.3, 0.1, 3, "alternating")]
    return [dict(zip(names, each, strict=True)) for each in places], dirac_gan


def diffusion_1d(t, share):
    truth = Diffusion1D([0.3, 0.7], [-2.0, 1.0], [0.5, 0.7])
    x = truth.quantile([share], t)
    alpha, sigma = truth.signal_and_noise(t)
    found = {"x": x, "x_data": truth.quantile([share]), "x_noise": truth.quantile([share], 3.0)}
    found |= {"log_p": truth.log_prob(x, t), "score": truth.score(x, t)}
    found |= {"guess": truth.denoised(x, t) if t > 0 else x}  # an integral over x_0 that knows of no score
    return {key: value[0] for key, value in found.items()} | {"alpha": alpha, "sigma": sigma}


def of_diffusion_1d():
    places = [(0.8, 0.28), (0.0, 0.3), (3.0, 0.995), (0.05, 0.005), (0.2, 0.31), (1.5, 0.5)]
    return [{"t": t, "share": share} for t, share in places], diffusion_1d


def water_level(beta, variance):
    variances = np.array([6.0, 3.0, 1.5, 0.8, 0.4, 0.2])
    model = fit_linear_vae(np.diag(variances), latent_dim=6, beta=beta, variance=variance)  # trained, not the formula
    found = {"level": beta * variance, "active": int((variances > beta * variance).sum()), "rate": model.rate}
    found |= {"error": model.distortion, "distortion": model.distortion / (2 * variance), "elbo": model.elbo}
    return found | {"loss": model.reconstruction + beta * model.rate}


def of_water_level():
    places = [(2.0, 0.5), (1.0, 0.5), (4.0, 0.3), (0.25, 1.2), (15.0, 0.5)]
    return [{"beta": beta, "variance": variance} for beta, variance in places], water_level


def of_gan_in_the_plane():
    names = ("seed", "gamma", "data", "step")
    places = [(0, 0.1, "ring", 0), (0, 0.1, "ring", 40), (3, 0.0, "two", 25), (7, 1.5, "ring", 30)]
    return [dict(zip(names, each, strict=True)) for each in places], plane_game.numbers


def latent_walk(kind, pictures, example, z1, z2):
    held = latent_walk_weights.read(pictures)
    decoded, weights = np.array([z1, z2]), held[kind]["weights"]
    for number, (matrix, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        decoded = decoded @ matrix + bias
        decoded = np.maximum(decoded, 0) if number < len(weights) // 2 - 1 else expit(decoded)
    x, z, size = held["examples"][example], np.array([[z1, z2]]), len(decoded)
    log_likelihood = gaussian_log_density(x[None], decoded, held["deviation"] ** 2 * np.eye(size))[0]
    log_prior = gaussian_log_density(z, np.zeros(2), np.eye(2))[0]
    found = {"log_likelihood": log_likelihood, "log_prior": log_prior, "log_joint": log_likelihood + log_prior}
    found |= {"error": np.mean((x - decoded) ** 2), "nearer": chi2(2).cdf(np.square(z).sum())}
    beyond = np.square(held[kind]["codes"]).sum(axis=1) > chi2(2).ppf(0.99)
    return found | {"beyond": beyond.mean(), "mean_pixel": decoded.mean()}


def of_latent_walk():
    names = ("kind", "pictures", "example", "z1", "z2")
    places = [("vae", "glyphs", 0, 0.0, 0.0), ("autoencoder", "glyphs", 3, -2.0, 1.5), ("vae", "faces", 1, 1.0, -0.7)]
    places += [("autoencoder", "faces", 5, 2.5, 2.5)]
    return [dict(zip(names, each, strict=True)) for each in places], latent_walk


CASES = {
    "dirac_gan": of_dirac_gan,
    "diffusion_1d": of_diffusion_1d,
    "elbo_meter": of_elbo_meter,
    "gan_in_the_plane": of_gan_in_the_plane,
    "latent_walk": of_latent_walk,
    "water_level": of_water_level,
}


def all_numbers():
    """For each explorable, the states of its page and what it must show in each."""
    answer = {}
    for name, cases in CASES.items():
        states, numbers = cases()
        answer[name] = [
            {"state": state, "numbers": {key: float(value) for key, value in numbers(**state).items()}}
            for state in states
        ]
    return answer


if __name__ == "__main__":
    FILE.write_text(json.dumps(all_numbers(), indent=1) + "\n")
