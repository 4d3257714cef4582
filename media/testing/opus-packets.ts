/** Opus packets for tests, made by us (libopus, constant bit rate), 20 ms each. */

/** 26 packets of 440 Hz, one channel, SILK at 10 kbit/s, as a phone sends speech. */
export const opusMono440: readonly Uint8Array[] = split(
  'SwGCXLA1x1eOpN2UQcMdyLRFanOfIp/zgEtBAa3kNlkl/zkATBjL8gh8zOAvK99QwQBIpyIx5p9amIe7ZU5Q+RaXoGw6mkzMgOKnS0EEpyH0' +
    '5r62+XFC/IMlGH2wlcWAAAAAAEtBBLdk2QhWbpFuc8cCM2vUi87ZXgAAAABLQQWnIiKDPEQ3zzMpAXC5cghfFAAAAAAAS0EDqoeJJJ9amHpY' +
    '0ox9/YtH9m2hMAAAAEtBAaWkR2eSodnkLqUy7/ocbR8FQ3PdLgBLAaHS5lGiZJSJ/XaNDrKl+CzMO+NUfJgQS0EEpuWLaEakRy7S3pVmYNMG' +
    '2RaAAAAAAEtBAqSL18krR6klFD+0NEziEsxKlsvkAABLQQG0rwBwF9FI8jPBH6thlup9fF4BB4AASKZjmXhci+N0CQ2kLidbg8a4KsqK6JWK' +
    'YEsBqwh5ExtcgL/8zYvJSq4U6BhptJOA40BLQQOrCHkTG1xHgxouFwU7EJnp4tAwAAAAS0EDpdeOBkEvfc4SsqYQTJgp/XLLygAAAEsBqn63' +
    'x/pamIKnibWEx883zos7yciTwzRLAa3kNgIBtvl7aXvggdz0vN+JpswLcZwmS0EEpdeKQAdYHaUW4NTd5qLUqqlrAAAAAEinIZkN8Q6GwZqK' +
    '/AA3tC7EBauPL/XfnEBIocGhUVMVLt38uXKkM3Sc4QzHdOP+gMxgS0ECn/H0gDZDO0ZBzeYP/YHODUe3ghAAAEtBAKoqeI/nCrPlLKkn5S9I' +
    'Kj/Bi7KUPOhLAbD01V8ZPOvxYJfzHW643u3obkjCH1WASKcjtJjCJRu/VIOj+A06+4DU5rSk8rf6WEsBglg2IwwqiwIIqXvRCb9jcpJ8voAX' +
    'TcA=',
  25,
);

/** 12 packets of two channels, 440 Hz left and 1000 Hz right, CELT at 32 kbit/s. */
export const opusStereo440And1000: readonly Uint8Array[] = split(
  '/LUIv3XU7BLu4mQwnT6F4/xQbUTp6i87yeSpAfK14Fpl2bK4yI701L3AepLWcN+MSJzgvgCEWpftEbmR3jsDMQtAPFKa+bCXztDjKtH44SL8' +
    '2xVtjb0zRJmIwuEQRh2qE38HusvJ/1f1/1/2B9k7ASwBEqJ5FY4Bp+AfUWuNJfHMEkru2ZsgvLCnex7IY57/OdyOaFbTL3jHQqeguaKWsfzr' +
    '5EeDLjykZbUTF+8TeuZ3TQVvCMfWmWmWmWmVO3yCGHK3cPuaYD4tAdEjdBepO1ney1DhP349hTlWICnxgzQwtfJf7tdw5CxVY1qIP40B/Nr+' +
    'GjCrrgOetIGO6/ZAFc6r0BOok6k6k6k6r/kzLEbPyFGg4hTRN9FRlf6RXn+s72ab+Y1oxf/G0YgA9Ms+qlm1iRTntFga9BtIcaS3rrH868Jd' +
    'loHxrNf95L5mvi+dLIJa95xOxOxOxOy2cxjafEMLVuBesF4+Ngfc9i683hnezqmzGsYu/422OFnAbI/p0NartHnasPkTH4W9qLV9AfzYJEt3' +
    'h/AF8IUCRq64Yz0TxR+vp/4/4/4/4/5jX9bbno26LX0RBReG3az0/ce4DvYWUZjXye38bGICFPu8JHiAMtvaZ7nu5BEPjRlWV1ax/NZ4QF7I' +
    '6o3peXxCjiJeKNJvwpAYMYMYMYManYCyWVSvMGZ7S0BfkRX1egWgJEnS72KrWY1li6C6T7YxsvPl5XoxLuHVBuWPYR1ixvZIprH8681vItPK' +
    '5VHnhOiqelNAbdMWLLususususuxC//e0Y1xkHiSre/JUdEiDkQuupHey1DzGsIO/42rYYKfGDNDC18l/szzC/IErx51tlEtAfza/howq64D' +
    'nrSBjuv2QBXOq9ATqJOpOpOpOq/6J5qcz8hRoOIU0TfRUZX+lV5/rO9mm/mNaMX/xtGIAPTLPqpZtYkU57E177s6aHGkt66x/OvCXZaB8azY' +
    'st0j3xRypXbNnXcSGSGSGSGSpxYGwZB+BSb9+8HoU6O7d/XavN4Z3s6psxrGLv+NtjhZwGyP6dDWq7RymPD5E9qFvai1fQH82CRLd4fwBfCF' +
    'AkauuGM9E8Ufr6f+P+P+P+P+Y1YjgeKNui19EQUXht2s9P3HuA72FlGY18nt/GxiAhT7vCR4gDLb2mLTfuQRH40ZVldWsfzWeEBeyOqN5nj8' +
    'rLv8wa6dFJKhIJoJoJoJotszjagA4MMECS1hxJY5SdSRACRJ0u9iq1mNZYuguk+2MbLz5eV6MS7h1Qblj2AOYsb2SKax',
  80,
);

function split(base64: string, packetBytes: number): Uint8Array[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / packetBytes }, (_, n) =>
    bytes.subarray(n * packetBytes, (n + 1) * packetBytes),
  );
}
