"""Plain PyTorch: modules, a `DataLoader`, a loop. Images have their channel first, as is usual there."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset


class Encoder(nn.Module):
    """Features, and from them the mean and the log-variance."""

    def __init__(self, features, width, latent_dim):
        super().__init__()
        self.features = features
        self.mean, self.log_var = nn.Linear(width, latent_dim), nn.Linear(width, latent_dim)

    def forward(self, x):
        features = self.features(x)
        return self.mean(features), self.log_var(features)


class LargestOfChannel(nn.Module):
    def forward(self, x):
        return x.amax(dim=(2, 3))


def dense_vae(latent_dim):
    features = nn.Sequential(nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 400), nn.ReLU())
    decoder = nn.Sequential(
        nn.Linear(latent_dim, 400),
        nn.ReLU(),
        nn.Linear(400, 400),
        nn.ReLU(),
        nn.Linear(400, 784),
        nn.Unflatten(1, (1, 28, 28)),
    )
    return Encoder(features, 400, latent_dim), decoder


def conv_vae(latent_dim):
    features = nn.Sequential(
        nn.Conv2d(1, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(7 * 7 * 64, 16),
        nn.ReLU(),
    )
    decoder = nn.Sequential(
        nn.Linear(latent_dim, 7 * 7 * 64),
        nn.ReLU(),
        nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 3, padding=1),
    )
    return Encoder(features, 16, latent_dim), decoder


def dense_gan(noise_dim):
    generator = nn.Sequential(nn.Linear(noise_dim, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
    discriminator = nn.Sequential(
        nn.Linear(2, 128), nn.LeakyReLU(0.2), nn.Linear(128, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
    )
    return generator, discriminator


def conv_gan(noise_dim):
    generator = nn.Sequential(
        nn.Linear(noise_dim, 7 * 7 * 128),
        nn.LeakyReLU(0.2),
        nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 128, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(128, 128, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(128, 1, 7, padding=3),
        nn.Sigmoid(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(1, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        LargestOfChannel(),
        nn.Linear(128, 1),
    )
    return generator, discriminator


def vae_loss(encoder, decoder, x, noise):
    mean, log_var = encoder(x)
    logits = decoder(mean + torch.exp(0.5 * log_var) * noise)
    reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * torch.sum(log_var.exp() + mean.square() - 1.0 - log_var)
    return (reconstruction + kl) / len(x)


def discriminator_loss(discriminator, x, samples):
    return functional.softplus(-discriminator(x)).mean() + functional.softplus(discriminator(samples)).mean()


def generator_loss(discriminator, samples):
    return functional.softplus(-discriminator(samples)).mean()


class Trainer:
    """See `with_course.Trainer`."""

    def __init__(self, task, x):
        torch.manual_seed(0)
        self.task = task
        makers = {"dense_vae": dense_vae, "conv_vae": conv_vae, "dense_gan": dense_gan, "conv_gan": conv_gan}
        self.networks = makers[task.name](task.noise_dim)
        self.batches = DataLoader(TensorDataset(channel_first(x)), batch_size=task.batch_size, shuffle=True)
        if task.adversarial:
            self.step, self.optimizers = self.gan_step, [self.adam(*network.parameters()) for network in self.networks]
        else:
            weights = [weight for network in self.networks for weight in network.parameters()]
            self.step, self.optimizers = self.vae_step, [self.adam(*weights)]

    def adam(self, *weights):
        return torch.optim.Adam(weights, lr=self.task.learning_rate, betas=(self.task.beta_1, 0.999), eps=1e-7)

    def train(self, pace):
        pace.run(self.epoch)

    def epoch(self):
        return torch.stack([self.step(x, torch.randn(len(x), self.task.noise_dim)) for (x,) in self.batches]).mean()

    def vae_step(self, x, noise):
        loss = vae_loss(*self.networks, x, noise)
        descend(self.optimizers[0], loss)
        return loss.detach()

    def gan_step(self, x, noise):
        generator, discriminator = self.networks
        samples = generator(noise)
        d_loss = discriminator_loss(discriminator, x, samples.detach())
        descend(self.optimizers[1], d_loss)
        g_loss = generator_loss(discriminator, samples)
        descend(self.optimizers[0], g_loss)
        return d_loss.detach()

    def num_parameters(self):
        return sum(weight.numel() for network in self.networks for weight in network.parameters())

    @torch.no_grad()
    def loss(self, weights, x, noise):
        load_keras_weights(self.networks, weights, self.task.convolutional)
        x, noise = channel_first(x), torch.tensor(noise)
        x = x.flip(2, 3) if self.task.convolutional else x
        if not self.task.adversarial:
            return float(vae_loss(*self.networks, x, noise))
        generator, discriminator = self.networks
        samples = generator(noise)
        return float(discriminator_loss(discriminator, x, samples) + generator_loss(discriminator, samples))


def descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def channel_first(x):
    x = torch.tensor(x)
    return x.permute(0, 3, 1, 2).contiguous() if x.ndim == 4 else x


def load_keras_weights(networks, weights, convolutional):
    """Copy Keras' weights; images turn by 180°, since strided convolutions are aligned to the other border here."""
    modules = [module for network in networks for module in network.modules() if hasattr(module, "weight")]
    with torch.no_grad():
        for module, kernel, bias in zip(modules, weights[::2], weights[1::2], strict=True):
            if isinstance(module, nn.Linear):
                kernel, bias = kernel.T, bias
                if convolutional and kernel.shape[1] % 49 == 0:
                    kernel = turned(kernel)
                if convolutional and kernel.shape[0] % 49 == 0:
                    kernel, bias = turned(kernel.T).T, turned(bias[None])[0]
            else:
                kernel = np.flip(kernel, (0, 1)).transpose(3, 2, 0, 1)
            module.weight.copy_(torch.tensor(np.ascontiguousarray(kernel)))
            module.bias.copy_(torch.tensor(np.ascontiguousarray(bias)))


def turned(rows):
    """Rows over 7 × 7 × channels as rows over channels × 7 × 7, turned by 180°."""
    spatial = rows.reshape(len(rows), 7, 7, -1)
    return np.flip(spatial, (1, 2)).transpose(0, 3, 1, 2).reshape(len(rows), -1)
