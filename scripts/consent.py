"""Verifies a consent JWT (ES256) with the published keys, in plain arithmetic: no part of the server has a hand in it."""

import base64
import hashlib
import json

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(a, b):
    """Points on P-256; None is infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _multiply(scalar, point):
    result = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key_point(key):
    x, y = (int.from_bytes(_bytes(key[name]), "big") for name in ("x", "y"))
    if (y * y - (x * x * x - 3 * x + B)) % P:
        raise ValueError("the key is no point of the curve")
    return x, y


def claims(jwt, jwks):
    """The claims of a JWT that one of the keys signed; ValueError for any other."""
    head, payload, signature = jwt.split(".")
    header, raw = json.loads(_bytes(head)), _bytes(signature)
    keys = [key for key in jwks["keys"] if key["kid"] == header.get("kid") and key.get("crv") == "P-256"]
    if header.get("alg") != "ES256" or len(keys) != 1 or len(raw) != 64:
        raise ValueError("not an ES256 signature of a published key")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not (0 < r < N and 0 < s < N):
        raise ValueError("the signature is out of range")
    digest = int.from_bytes(hashlib.sha256(f"{head}.{payload}".encode()).digest(), "big")
    inverse = pow(s, -1, N)
    point = _add(_multiply(digest * inverse % N, G), _multiply(r * inverse % N, _key_point(keys[0])))
    if point is None or point[0] % N != r:
        raise ValueError("the signature is wrong")
    return json.loads(_bytes(payload))
