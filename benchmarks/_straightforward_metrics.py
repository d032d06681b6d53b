"""Metrics of a pair, written down formula by formula: slow, plain and easy to check.

Nothing is shared, cached, separated or streamed. The benchmark measures the plug-ins against this, and the tests
compare the values. Arguments are gray images, float64 integers 0..255, of one size: two sources and the fused image, or the true and
the fused image. Degenerate images are not handled.
"""

import numpy as np
from scipy.fft import fft2, fftshift, ifft2, ifftshift
from scipy.signal import correlate2d

from metrics.fmi import MEYER


def q_mi(a, b, f):
    """Hossny's normalised mutual information."""
    a, b, f = map(_normalised, (a, b, f))

    def entropy(*images):
        counts, _ = np.histogramdd([image.ravel() for image in images], bins=[np.arange(257)] * len(images))
        p = counts[counts > 0] / a.size
        return -np.sum(p * np.log2(p))

    def information(x):
        return (entropy(x) + entropy(f) - entropy(x, f)) / (entropy(x) + entropy(f))

    return 2 * (information(a) + information(b))


def q_g(a, b, f):
    """Edge preservation of Xydeas and Petrovic, corrected variant."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    strengths, angles = [], []
    for image in (a, b, f):
        sx, sy = correlate2d(image, kernel, "same"), correlate2d(image, kernel.T, "same")
        strengths.append(np.sqrt(sx**2 + sy**2))
        angles.append(np.arctan(sy / np.where(sx == 0, 1e-5, sx)))
    g_f = strengths[2]
    kept = weights = 0
    for g, angle in zip(strengths[:2], angles[:2], strict=True):
        stronger = g > g_f
        g = np.where(g == 0, 1e-5, g)
        weaker = g_f / g
        g_f = np.where(g_f == 0, 1e-5, g_f)
        ratio = np.where(stronger, weaker, g / g_f)
        agreement = 1 - np.abs(angle - angles[2]) * 2 / np.pi
        quality = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5))) * 0.9879 / (1 + np.exp(-22 * (agreement - 0.8)))
        kept += np.sum(quality * g)
        weights += np.sum(g)
    return kept / weights


def q_m(a, b, f):
    """Edge preservation in a Haar pyramid of two levels."""
    value = 1.0
    for exponent in (2 / 3, 1 / 3):
        details = []
        lows = []
        for image in (a, b, f):
            height, width = np.array(image.shape) // 2 * 2
            blocks = image[:height, :width].reshape(height // 2, 2, width // 2, 2)
            p, q, r, s = blocks[:, 0, :, 0], blocks[:, 0, :, 1], blocks[:, 1, :, 0], blocks[:, 1, :, 1]
            details.append([(p + q - r - s) / 2, (p - q + r - s) / 2, (p - q - r + s) / 2])
            lows.append((p + q + r + s) / 2)
        kept = weights = 0
        for source in details[:2]:
            weight = sum(band**2 for band in source)
            similar = sum(np.exp(-np.abs(x - y)) for x, y in zip(source, details[2], strict=True))
            kept += np.sum(similar * weight)
            weights += np.sum(weight)
        value *= (kept / weights) ** exponent
        a, b, f = lows
    return value


def q_p(a, b, f):
    """Preservation of phase congruency."""
    window = _gaussian(11, 1.5)
    feature_a, feature_b, feature_f = map(_phase_congruency, (a, b, f))
    strongest = np.where(feature_a[0] > feature_b[0], feature_a, feature_b)

    def correlation(x, y, mask):
        x = x * mask
        mean_x, mean_y = correlate2d(x, window, "same"), correlate2d(y, window, "same")
        variance_x = correlate2d(x * x, window, "same") - mean_x**2
        variance_y = correlate2d(y * y, window, "same") - mean_y**2
        covariance = correlate2d(x * y, window, "same") - mean_x * mean_y
        return np.where(mask, (covariance + 1e-4) / (np.sqrt(np.abs(variance_x * variance_y)) + 1e-4), 0)

    value = 1.0
    for kind in range(3):
        maps = [
            correlation(source[kind], feature_f[kind], source[0] > 0.1) for source in (feature_a, feature_b, strongest)
        ]
        value *= np.maximum.reduce(maps).sum() / np.count_nonzero(strongest[0] > 0.1)
    return value


def _phase_congruency(image):
    """Phase congruency, maximum and minimum moment."""
    size = image.shape

    def axis(n):
        return (np.arange(n) - n / 2) / n if n % 2 == 0 else (np.arange(n) - (n - 1) / 2) / (n - 1)

    y, x = np.meshgrid(axis(size[0]), axis(size[1]), indexing="ij")
    radius = np.sqrt(x**2 + y**2)
    radius[size[0] // 2, size[1] // 2] = 1
    radius, theta = ifftshift(radius), ifftshift(np.arctan2(-y, x))
    low_y, low_x = np.meshgrid(*[(np.arange(n) - n // 2) / n for n in size], indexing="ij")
    low_pass = fftshift(1 / (1 + (np.sqrt(low_x**2 + low_y**2) / 0.45) ** 30))
    radial = [np.exp(-(np.log(radius * 3 * 2.1**s) ** 2) / (2 * np.log(0.55) ** 2)) * low_pass for s in range(4)]
    for part in radial:
        part[0, 0] = 0
    spectrum = fft2(image)
    sum_energy = sum_amplitude = xx = yy = xy = 0
    for orientation in range(6):
        alpha = orientation * np.pi / 6
        sine = np.sin(theta) * np.cos(alpha) - np.cos(theta) * np.sin(alpha)
        cosine = np.cos(theta) * np.cos(alpha) + np.sin(theta) * np.sin(alpha)
        angular = np.exp(-(np.arctan2(sine, cosine) ** 2) / (2 * (np.pi / 6 / 1.2) ** 2))
        responses = [ifft2(spectrum * part * angular) for part in radial]
        amplitudes = [np.abs(response) for response in responses]
        total = sum(responses)
        mean_even, mean_odd = total.real / (np.abs(total) + 1e-4), total.imag / (np.abs(total) + 1e-4)
        energy = sum(
            e.real * mean_even + e.imag * mean_odd - np.abs(e.real * mean_odd - e.imag * mean_even) for e in responses
        )
        spatial = [ifft2(part * angular).real * np.sqrt(image.size) for part in radial]
        squares = sum(np.sum(h**2) for h in spatial)
        products = sum(np.sum(spatial[s] * spatial[t]) for t in range(4) for s in range(t))
        noise = np.median(amplitudes[0] ** 2) / np.log(2) / np.sum((radial[0] * angular) ** 2)
        tau = np.sqrt((2 * noise * squares + 4 * noise * products) / 2)
        threshold = (tau * np.sqrt(np.pi / 2) + 2 * np.sqrt((2 - np.pi / 2) * tau**2)) / 1.7
        energy = np.maximum(energy - threshold, 0)
        width = sum(amplitudes) / (np.maximum.reduce(amplitudes) + 1e-4) / 4
        energy = energy / (1 + np.exp(10 * (0.5 - width)))
        sum_energy = sum_energy + energy
        sum_amplitude = sum_amplitude + sum(amplitudes)
        share = energy / sum(amplitudes)
        xx = xx + (share * np.cos(alpha)) ** 2 / 3
        yy = yy + (share * np.sin(alpha)) ** 2 / 3
        xy = xy + share**2 * np.cos(alpha) * np.sin(alpha) / 6
    spread = np.sqrt(xy**2 + (xx - yy) ** 2) + 1e-4
    return np.stack([sum_energy / (sum_amplitude + 1e-4), (xx + yy + spread) / 2, (xx + yy - spread) / 2])


def q_y(a, b, f):
    """Yang's similarity-based quality, corrected variant."""
    window = _gaussian(7, 1.5)
    views = [np.lib.stride_tricks.sliding_window_view(image, (7, 7)) for image in (a, b, f)]
    constant = [view.max(axis=(2, 3)) == view.min(axis=(2, 3)) for view in views]
    means = [
        np.where(flat, view[..., 3, 3], correlate2d(image, window, "valid"))
        for image, view, flat in zip((a, b, f), views, constant, strict=True)
    ]

    def covariance(i, j):
        product = correlate2d((a, b, f)[i] * (a, b, f)[j], window, "valid")
        return np.where(constant[i] | constant[j], 0, product - means[i] * means[j])

    def similar(i, j):
        c = 2e-16
        luminance = (2 * means[i] * means[j] + c) / (means[i] ** 2 + means[j] ** 2 + c)
        return luminance * (2 * covariance(i, j) + c) / (covariance(i, i) + covariance(j, j) + c)

    total = covariance(0, 0) + covariance(1, 1)
    share = np.where(total == 0, 0.5, covariance(0, 0) / np.where(total == 0, 1, total))
    mixed = share * similar(0, 2) + (1 - share) * similar(1, 2)
    return np.mean(np.where(similar(0, 1) >= 0.75, mixed, np.maximum(similar(0, 2), similar(1, 2))))


def q_s(a, b, f):
    """Fusion quality index of Piella and Heijmans, window by window."""
    return np.mean([q for q, _ in _piella(a, b, f)])


def q_w(a, b, f):
    """Q_S with weights, window by window."""
    windows = _piella(a, b, f)
    return sum(c * q for q, c in windows) / sum(c for _, c in windows)


def q_e(a, b, f):
    """Q_W of the levels times Q_W of the gradient magnitudes."""
    kernel = np.array([[1, 0, -1]] * 3)
    edges = [np.hypot(correlate2d(x, kernel, "same"), correlate2d(x, kernel.T, "same")) for x in (a, b, f)]
    return q_w(a, b, f) * q_w(*edges)


def _piella(a, b, f):
    """Quality and saliency of every 8 x 8 window, means short by an ulp."""
    short, c = 1 - 2.0**-52, (1e-6 * 255) ** 2

    def mean(x):
        return np.sum(x) / 64 * short

    def ssim(x, y):
        covariance, m_x, m_y = mean(x * y) - mean(x) * mean(y), mean(x), mean(y)
        spread = mean(x**2) - m_x**2 + mean(y**2) - m_y**2
        return (2 * m_x * m_y + c) * (2 * covariance + c) / ((m_x**2 + m_y**2 + c) * (spread + c))

    found = []
    for i, j in np.ndindex(a.shape[0] - 7, a.shape[1] - 7):
        x, y, z = (image[i : i + 8, j : j + 8] for image in (a, b, f))
        v_x, v_y = mean(x**2) - mean(x) ** 2, mean(y**2) - mean(y) ** 2
        if v_x + v_y == 0:
            v_x, v_y = v_x + 0.5, v_y + 0.5
        share = v_x / (v_x + v_y)
        found.append((share * ssim(z, x) + (1 - share) * ssim(z, y), max(v_x, v_y)))
    return found


def piella_original(a, b, f):
    """Q_S and Q_W in Gaussian windows of 11 x 11 pixels."""
    window = _gaussian(11, 1.5)
    qualities, weights = [], []

    def moments(x, y):
        m_x, m_y = np.sum(window * x), np.sum(window * y)
        flat = np.ptp(x) == 0 or np.ptp(y) == 0
        return m_x, m_y, 0 if flat else np.sum(window * x * y) - m_x * m_y

    def ssim(x, y):
        m_x, m_y, covariance = moments(x, y)
        spread = moments(x, x)[2] + moments(y, y)[2]
        return (2 * m_x * m_y + 6.5025) * (2 * covariance + 58.5225) / ((m_x**2 + m_y**2 + 6.5025) * (spread + 58.5225))

    for i, j in np.ndindex(a.shape[0] - 10, a.shape[1] - 10):
        x, y, z = (image[i : i + 11, j : j + 11] for image in (a, b, f))
        v_x, v_y = moments(x, x)[2], moments(y, y)[2]
        if v_x + v_y == 0:
            v_x = v_y = 0.5
        qualities.append((v_x * ssim(z, x) + v_y * ssim(z, y)) / (v_x + v_y))
        weights.append(max(v_x, v_y))
    return np.mean(qualities), np.average(qualities, weights=weights)


def q_c(a, b, f, edition="2024"):
    """Cvejic's similarity weighted by covariance, window by window."""
    side, window = (8, np.full((8, 8), 1 / 64)) if edition == "2024" else (7, _gaussian(7, 1.5))
    c, tiny = 2e-16, 1e-10 if edition == "sesf" else 0
    if edition == "sesf":
        a, b, f = a / 255, b / 255, f / 255
    total = 0

    def covariance(x, y):
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return 0.0
        return np.sum(window * x * y) - np.sum(window * x) * np.sum(window * y)

    def ssim(x, y):
        m_x, m_y = (v[0, 0] if np.ptp(v) == 0 else np.sum(window * v) for v in (x, y))
        spread = covariance(x, x) + covariance(y, y)
        return (2 * m_x * m_y + c) * (2 * covariance(x, y) + c) / ((m_x**2 + m_y**2 + c) * (spread + c) + tiny)

    for i, j in np.ndindex(a.shape[0] - side + 1, a.shape[1] - side + 1):
        x, y, z = (image[i : i + side, j : j + side] for image in (a, b, f))
        with_x, with_y = covariance(x, z), covariance(y, z)
        if edition == "2024":
            # The sum 0 of covariances that are not 0 makes w infinite, and clipped 0 or 1.
            whole = with_x + with_y
            weight = 0.5 if with_x == with_y == 0 else with_x / whole if whole else np.inf * with_x
            weight = min(max(weight, 0), 1)
            total += weight * ssim(x, z) + (1 - weight) * ssim(y, z)
        else:
            weight = with_x / (with_x + with_y + tiny)
            total += 0 if weight < 0 else 1 if weight > 1 else weight * ssim(x, z) + (1 - weight) * ssim(y, z)
    return total / ((a.shape[0] - side + 1) * (a.shape[1] - side + 1))


def q_sf(a, b, f):
    """Ratio of spatial frequencies, pixel by pixel."""
    own = best = 0
    for i, j in np.ndindex(f.shape):
        for down, right, weight in ((0, 1, 1), (1, 0, 1), (1, 1, np.sqrt(0.5)), (1, -1, np.sqrt(0.5))):
            k, m = i + down, j + right
            if k < f.shape[0] and 0 <= m < f.shape[1]:
                own += weight * (f[k, m] - f[i, j]) ** 2
                best += weight * max(abs(a[k, m] - a[i, j]), abs(b[k, m] - b[i, j])) ** 2
    own, best = np.sqrt(own / f.size), np.sqrt(best / f.size)
    return (own - best) / best


def q_cb(a, b, f):
    """Preservation of contrast of Chen and Blum."""
    offsets = np.arange(-15, 16)
    square = offsets[:, None] ** 2 + offsets**2
    fine, coarse = [np.exp(-square / (2 * s**2)) / (2 * np.pi * s**2) for s in (2, 4)]
    height, width = a.shape
    v, u = [(2 * np.arange(n) - (n - n % 2)) / n * n / 30 for n in (height, width)]
    radius = np.sqrt(u**2 + v[:, None] ** 2)
    response = np.exp(-((radius / 15.3870) ** 2)) - 0.7622 * np.exp(-((radius / 1.3456) ** 2))
    contrasts = []
    for image in (a, b, f):
        seen = ifft2(fft2(_normalised(image)) * ifftshift(response)).real
        contrast = np.abs(correlate2d(seen, fine, "same") / correlate2d(seen, coarse, "same") - 1)
        contrasts.append(contrast**3 / (contrast**2 + 1e-4))
    x, y, z = contrasts
    share = x**2 / (x**2 + y**2)
    return np.mean(share * np.minimum(x, z) / np.maximum(x, z) + (1 - share) * np.minimum(y, z) / np.maximum(y, z))


def viff(a, b, f):
    """Visual information fidelity for fusion."""
    ratios, images = [], [a, b, f]
    for size in (17, 9, 5, 3):
        window = _gaussian(size, size / 5)
        if size < 17:
            images = [correlate2d(image, window, "valid")[::2, ::2] for image in images]
        gain_a, *of_a = _visual_information(images[0], images[2], window, 0.005 * 255**2)
        gain_b, *of_b = _visual_information(images[1], images[2], window, 0.005 * 255**2)
        kept, whole = (np.where(gain_a < gain_b, x, y) for x, y in zip(of_a, of_b, strict=True))
        ratios.append(np.sum(kept + 1e-7) / np.sum(whole + 1e-7))
    return (ratios[0] + 0 * ratios[1] + 0.15 * ratios[2] + ratios[3]) / 2.15


def vif(truth, f):
    """Visual information fidelity in the pixel domain."""
    kept = whole = 0
    for size in (17, 9, 5, 3):
        window = _gaussian(size, size / 5)
        if size < 17:
            truth, f = (correlate2d(image, window, "valid")[::2, ::2] for image in (truth, f))
        _, some, all_of_it = _visual_information(truth, f, window, 2)
        kept, whole = kept + np.sum(some), whole + np.sum(all_of_it)
    return kept / whole


def _visual_information(x, y, window, receiver):
    """Gain, information kept and information of the reference x in every window."""
    mean_x, mean_y = correlate2d(x, window, "valid"), correlate2d(y, window, "valid")
    variance_x = np.maximum(correlate2d(x * x, window, "valid") - mean_x**2, 0)
    variance_y = np.maximum(correlate2d(y * y, window, "valid") - mean_y**2, 0)
    covariance = correlate2d(x * y, window, "valid") - mean_x * mean_y
    gain = covariance / (variance_x + 1e-10)
    rest = variance_y - gain * covariance
    flat = variance_x < 1e-10
    gain[flat], rest[flat], variance_x[flat] = 0, variance_y[flat], 0
    flat = variance_y < 1e-10
    gain[flat], rest[flat] = 0, 0
    against = gain < 0
    rest[against], gain[against] = variance_y[against], 0
    rest[rest <= 1e-10] = 1e-10
    return gain, np.log10(1 + gain**2 * variance_x / (rest + receiver)), np.log10(1 + variance_x / receiver)


def scd(a, b, f):
    """Sum of the correlations of differences."""
    return _correlation(f - b, a) + _correlation(f - a, b)


def cc(a, b, f):
    """Mean correlation with the sources."""
    return (_correlation(a, f) + _correlation(b, f)) / 2


def _correlation(x, y):
    return np.corrcoef(x.ravel(), y.ravel())[0, 1]


def _edge_shares(a, b, f):
    """Shares of the edges that are preserved, lost and added, pixel by pixel of the formulas."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    strengths, angles = [], []
    for image in (a, b, f):
        padded = np.pad(image, 1, mode="reflect")
        along, across = correlate2d(padded, kernel, "valid"), correlate2d(padded, kernel.T, "valid")
        strengths.append(np.hypot(along, across))
        angles.append(np.arctan2(along, across) % np.pi)
    g_f, total, kept, lost, added = strengths[2], 0, 0, 0, 0
    stronger = (g_f > strengths[0]) & (g_f > strengths[1])
    for g, angle in zip(strengths[:2], angles[:2], strict=True):
        ratio = np.where((g > 0) & (g_f > 0), np.minimum(g, g_f) / np.maximum(np.maximum(g, g_f), 1e-300), 0)
        turn = np.abs(np.abs(angle - angles[2]) - np.pi / 2) * 2 / np.pi
        quality = 0.9999 / (1 + np.exp(-19 * (ratio - 0.5))) * 0.9995 / (1 + np.exp(-22 * (turn - 0.5)))
        weight = np.where(g >= 2, g**1.5, 0.001)
        total += np.sum(weight)
        kept += np.sum(np.sqrt(quality) * weight)
        rest = (1 - np.sqrt(quality)) * weight
        added += np.sum(rest[stronger])
        lost += np.sum(rest[~stronger])
    return kept / total, lost / total, added / total


def q_abf(a, b, f):
    """Share of the edges that is preserved."""
    return _edge_shares(a, b, f)[0]


def l_abf(a, b, f):
    """Share of the edges that is lost."""
    return _edge_shares(a, b, f)[1]


def n_abf(a, b, f):
    """Share of edges that are artefacts."""
    return _edge_shares(a, b, f)[2]


def mef_ssim(a, b, f):
    """Structural similarity with the best patch of the sources, window by window."""
    window, tiny = _gaussian(11, 1.5), 2.0**-52
    total = 0
    views = [np.lib.stride_tricks.sliding_window_view(image, (11, 11)) for image in (a, b, f)]
    for row, column in np.ndindex(views[0].shape[:2]):
        x, y, z = (view[row, column] for view in views)
        x, y = x - x.mean(), y - y.mean()
        e_x, e_y = np.linalg.norm(x) + 0.001, np.linalg.norm(y) + 0.001
        agreement = (np.linalg.norm(x + y) + tiny) / (np.linalg.norm(x) + np.linalg.norm(y) + tiny)
        power = min(np.tan(np.pi / 2 * min(agreement, 1 - tiny)), 10)
        w_x, w_y = (e_x / 11) ** power + tiny, (e_y / 11) ** power + tiny
        patch = (w_x * x / e_x + w_y * y / e_y) / (w_x + w_y)
        if np.linalg.norm(patch) > 0:
            patch = patch * max(e_x, e_y) / np.linalg.norm(patch)
        r, q = patch - np.sum(window * patch), z - np.sum(window * z)
        c = (0.03 * 255) ** 2
        total += (2 * np.sum(window * r * q) + c) / (np.sum(window * r * r) + np.sum(window * q * q) + c)
    return total / np.prod(views[0].shape[:2])


def ms_ssim(truth, f):
    """Multiscale structural similarity."""
    value, window, c1, c2 = 1, _gaussian(11, 1.5), 6.5025, 58.5225
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        if scale:
            truth, f = (
                correlate2d(np.pad(image, ((0, 1), (0, 1)), mode="symmetric"), np.full((2, 2), 0.25), "valid")[::2, ::2]
                for image in (truth, f)
            )
        mean_x, mean_y = correlate2d(truth, window, "valid"), correlate2d(f, window, "valid")
        spread = correlate2d(truth**2, window, "valid") - mean_x**2 + correlate2d(f**2, window, "valid") - mean_y**2
        part = (2 * (correlate2d(truth * f, window, "valid") - mean_x * mean_y) + c2) / (spread + c2)
        if scale == 4:
            part = part * (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        value *= np.mean(part) ** weight
    return value


def gmsd(truth, f):
    """Deviation of the gradient similarity."""
    kernel = np.array([[1, 0, -1]] * 3) / 3
    strengths = []
    for image in (truth, f):
        half = correlate2d(np.pad(image, ((0, 1), (0, 1))), np.full((2, 2), 0.25), "valid")[::2, ::2]
        strengths.append(np.hypot(correlate2d(half, kernel, "same"), correlate2d(half, kernel.T, "same")))
    x, y = strengths
    return np.std((2 * x * y + 170) / (x**2 + y**2 + 170), ddof=1)


def en(a, b, f):
    """Entropy of the fused image."""
    p = np.array([np.mean(f == level) for level in range(256)])
    return -np.sum(p[p > 0] * np.log2(p[p > 0]))


def ce(a, b, f):
    """Cross entropy of the histograms."""
    p, q, r = (np.array([np.mean(image == level) for level in range(256)]) for image in (a, b, f))
    return sum(np.sum(h[(h > 0) & (r > 0)] * np.log2(h[(h > 0) & (r > 0)] / r[(h > 0) & (r > 0)])) for h in (p, q)) / 2


def sf(a, b, f):
    """Spatial frequency."""
    return np.sqrt((np.sum((f[:, 1:] - f[:, :-1]) ** 2) + np.sum((f[1:] - f[:-1]) ** 2)) / f.size)


def sd(a, b, f):
    """Mean standard deviation of the columns."""
    return np.mean([np.std(column, ddof=1) for column in f.T])


def ag(a, b, f):
    """Average gradient, pixel by pixel."""
    total = 0
    for i, j in np.ndindex(f.shape):
        across = f[i + 1, j] - f[i, j] if i + 1 < f.shape[0] else 0
        along = f[i, j + 1] - f[i, j] if j + 1 < f.shape[1] else 0
        total += np.sqrt((along**2 + across**2) / 2)
    return total / f.size


def ei(a, b, f):
    """Edge intensity."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    padded = np.pad(f, 1, mode="edge")
    return np.mean(np.hypot(correlate2d(padded, kernel, "valid"), correlate2d(padded, kernel.T, "valid")))


def q_te(a, b, f, mode="nava"):
    """Tsallis entropy, cell by cell of the joint histograms, with crossed marginals."""
    a, b, f = (_normalised(image).astype(int) for image in (a, b, f))
    q = {"nava": 0.43137, "cvejic": 1.85}[mode]

    def tsallis(x, y):
        joint = np.zeros((256, 256))
        for i, j in zip(x.ravel(), y.ravel(), strict=True):
            joint[i, j] += 1 / x.size
        of_x, of_y = joint.sum(axis=1), joint.sum(axis=0)
        total = 0
        for i, j in np.ndindex(joint.shape):
            if of_y[i] * of_x[j] != 0:
                total += joint[i, j] ** q / (of_y[i] * of_x[j]) ** (q - 1)
        return (1 - total) / (1 - q)

    together = tsallis(a, f) + tsallis(b, f)
    return together / (en(None, None, a) ** q + en(None, None, b) ** q + tsallis(a, b)) if mode == "nava" else together


def fmi(a, b, f, feature="gradient"):
    """Feature mutual information, window by window."""
    a, b, f = (_FEATURES[feature](image) for image in (a, b, f))
    total = 0
    for row, column in np.ndindex(a.shape[0] - 2, a.shape[1] - 2):
        window = slice(row, row + 3), slice(column, column + 3)
        x, y, z = (image[window].T.ravel() for image in (a, b, f))
        total += (_window_information(x, z) + _window_information(y, z)) / 2
    return total / ((a.shape[0] - 2) * (a.shape[1] - 2))


def _window_information(x, z):
    """Normalised mutual information of two lists of nine values."""
    if np.all(x == z):
        return 1
    if x.max() == x.min() or z.max() == z.min():
        return 0
    p, q = ((v - v.min()) / (v.max() - v.min()) for v in (x, z))
    p, q = p / p.sum(), q / q.sum()
    k = np.arange(1, 10)
    s_p, s_q = (np.sqrt(max(np.sum(k**2 * v) - np.sum(k * v) ** 2, 0)) for v in (p, q))
    c = np.sum((p - p.mean()) * (q - q.mean()))
    c = c and c / np.sqrt(np.sum((p - p.mean()) ** 2) * np.sum((q - q.mean()) ** 2))
    sum_p, sum_q = np.cumsum(p), np.cumsum(q)
    bound = np.minimum.outer(sum_q, sum_p) if c >= 0 else np.maximum(np.add.outer(sum_q, sum_p) - 1, 0)
    phi = 0
    if c != 0 and s_p > 0 and s_q > 0:
        phi = c / (np.sum(bound - np.outer(sum_q, sum_p)) / (s_q * s_p))
    mass = np.diff(np.diff(np.pad(bound, ((1, 0), (1, 0))), axis=0), axis=1)
    joint = phi * mass + (1 - phi) * np.outer(q, p)

    def entropy(v):
        return -np.sum(v[v != 0] * np.log2(np.abs(v[v != 0])))

    information = entropy(p) + entropy(q) - entropy(joint)
    return 2 * information / (entropy(p) + entropy(q)) if information != 0 else 0


def _row_derivative(image):
    """Central differences along the rows, one-sided at the ends."""
    result = np.empty(image.shape)
    result[:, 0], result[:, -1] = image[:, 1] - image[:, 0], image[:, -1] - image[:, -2]
    for column in range(1, image.shape[1] - 1):
        result[:, column] = (image[:, column + 1] - image[:, column - 1]) / 2
    return result


def _cosine_transform(image):
    """Orthonormal DCT-II by its matrix."""

    def matrix(n):
        result = np.sqrt(2 / n) * np.cos(np.pi * np.arange(n)[:, None] * (2 * np.arange(n) + 1) / (2 * n))
        result[0] /= np.sqrt(2)
        return result

    return matrix(image.shape[0]) @ image @ matrix(image.shape[1]).T


def _edge_map(image):
    """Strong gradients that are maxima across the edge, pixel by pixel."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    padded = np.pad(image, 1, mode="edge")
    bx, by = correlate2d(padded, kernel, "valid"), correlate2d(padded, kernel.T, "valid")
    e, edge, t = bx**2 + by**2, np.zeros(image.shape), 100 * 2.0**-52
    around = np.pad(e, 1)
    for i, j in np.ndindex(e.shape):
        above, below = around[i, j + 1], around[i + 2, j + 1]
        left, right = around[i + 1, j], around[i + 1, j + 2]
        across = abs(bx[i, j]) >= abs(by[i, j]) - t and left <= e[i, j] > right
        along = abs(by[i, j]) >= abs(bx[i, j]) - t and above <= e[i, j] > below
        edge[i, j] = e[i, j] > 4 * e.mean() and (across or along)
    return edge


def _meyer_bands(image):
    """One level of the Meyer wavelet, output by output, in four tiles."""
    r = np.zeros(102)
    for m in range(51):
        r[50 + m] = r[50 - m] = MEYER[m]
    r *= np.sqrt(2) / r.sum()
    low, high = r[::-1], np.array([(-1) ** (k + 1) * r[k] for k in range(102)])

    def halves(signal, taps):
        n = len(signal)
        extended = np.pad(signal, 102, mode="symmetric")
        return [taps @ extended[102 + 2 * i + 1 - np.arange(102)] for i in range((n + 101) // 2)]

    bands = [
        [np.apply_along_axis(halves, 0, np.apply_along_axis(halves, 1, image, along), down) for down in (low, high)]
        for along in (low, high)
    ]
    tiles = np.block(bands)
    return (tiles - tiles.min()) / (tiles.max() - tiles.min())


_FEATURES = {
    "pixel": np.array,
    "gradient": _row_derivative,
    "dct": _cosine_transform,
    "edge": _edge_map,
    "wavelet": _meyer_bands,
}


def _normalised(image):
    low, high = image.min(), image.max()
    return np.floor((image - low) / (high - low) * 255 + 0.5)


def _gaussian(size, sigma):
    offsets = np.arange(size) - (size - 1) / 2
    window = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * sigma**2))
    return window / window.sum()
