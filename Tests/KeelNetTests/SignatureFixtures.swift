import KeelBase

/// Certificates for `a.test` that are their own anchors, and differ in keys and signatures. Made with OpenSSL, which said
/// the hashes too.
enum SignatureFixtures {
    struct Signed: Sendable {
        let certificate: String
        let key: Secret
        /// The hash of the whole certificate with the hash function of its signature.
        let hash: String
        /// The SHA-256 of the public key.
        let keyHash: String
    }

    static let all = [
        Signed(
            certificate: """
                -----BEGIN CERTIFICATE-----
                MIIBRTCB7aADAgECAgEBMAoGCCqGSM49BAMCMBExDzANBgNVBAMMBmEudGVzdDAg
                Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGYS50
                ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZuED7BWxiIla5nfOMPlFk30F
                5WYzp3T0KLVXC4VmRCO1GF0iSIAm4lsxb83bC2TyZk3QwNFwvCN8C5bH19fLHqM0
                MDIwEQYDVR0RBAowCIIGYS50ZXN0MB0GA1UdDgQWBBQMIAatgGf2M+uICk9DREsZ
                v3LRDzAKBggqhkjOPQQDAgNHADBEAiA8pm+jaF2gW+y1m7EOvUJfZjiXxDnsUn74
                eOyXR8vxcQIgRuAoEWoC81PWCMTp6M43ON9ZXtmNUWtXMxTDsTl/Rwo=
                -----END CERTIFICATE-----

                """,
            key: ecKey,
            hash: "e18e4e2d68459aff7846e8644ebe90bcbc44a0c9b554825a583abd736037de4d",
            keyHash: ecKeyHash),
        Signed(
            certificate: """
                -----BEGIN CERTIFICATE-----
                MIIBRTCB7aADAgECAgECMAoGCCqGSM49BAMDMBExDzANBgNVBAMMBmEudGVzdDAg
                Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGYS50
                ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZuED7BWxiIla5nfOMPlFk30F
                5WYzp3T0KLVXC4VmRCO1GF0iSIAm4lsxb83bC2TyZk3QwNFwvCN8C5bH19fLHqM0
                MDIwEQYDVR0RBAowCIIGYS50ZXN0MB0GA1UdDgQWBBQMIAatgGf2M+uICk9DREsZ
                v3LRDzAKBggqhkjOPQQDAwNHADBEAiAHQDB23BjaT6C5ZC6au5ctBrXThvNnB30L
                jX41SUkzjQIgVqTaZU+DXKEImx0VFRCEo71jM7fPyzWFa9m3vbC8UAs=
                -----END CERTIFICATE-----

                """,
            key: ecKey,
            hash:
                "ead6ebc5d7afa8dfe51a9b017e0ed94621bea904ddb407eebdc6ee95f81f3d9b"
                + "932c94877f37173e007f3b0891421d96",
            keyHash: ecKeyHash),
        Signed(
            certificate: """
                -----BEGIN CERTIFICATE-----
                MIIBRTCB7aADAgECAgEDMAoGCCqGSM49BAMEMBExDzANBgNVBAMMBmEudGVzdDAg
                Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGYS50
                ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZuED7BWxiIla5nfOMPlFk30F
                5WYzp3T0KLVXC4VmRCO1GF0iSIAm4lsxb83bC2TyZk3QwNFwvCN8C5bH19fLHqM0
                MDIwEQYDVR0RBAowCIIGYS50ZXN0MB0GA1UdDgQWBBQMIAatgGf2M+uICk9DREsZ
                v3LRDzAKBggqhkjOPQQDBANHADBEAiBjNDNzdTaHEfdtfr3wlb4scYCIY0oI2ySF
                VrIwBBlkOwIgX6W5p6Pf9EHYaDUEgmgZf0mWlzxXlc6rOibhhkjtxsM=
                -----END CERTIFICATE-----

                """,
            key: ecKey,
            hash:
                "0f2310e9559bbe1e544abe55951ee8244112b1db62aae14cce9508f12d222aef"
                + "09972ad2d1a4a6a15183e34a6cb2d2a8a13534d09135c3f65eeabca823742dcc",
            keyHash: ecKeyHash),
        Signed(
            certificate: """
                -----BEGIN CERTIFICATE-----
                MIIC0zCCAbugAwIBAgIBBDANBgkqhkiG9w0BAQsFADARMQ8wDQYDVQQDDAZhLnRl
                c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNVBAMM
                BmEudGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAMKhAlQ7nIC/
                m/WJ31zurhajKPojweB7JprmdGSFK5sfI9l0O6UaIUkg17B0H9DGro/tHKUnzscg
                acpllSsUrjIRrTIO+aCvEMzcKIlQhUON+6NhrX9a4cYzcE7ShwFdW+frpl+LwpMS
                UaTsTYhR0WoiV+vbFQPN6tQuflWhammJgjgTJvcH3uz98VEchvWRfSCEHTwDAdz5
                Z1GWg6hrVNV2a6uG6Wh5sp9VhaY5PXI2sgsVoIpEqXft7Q6+SF5bNXR4obBFKTxR
                6uSNSPNunaVHKQNmQBn3g6/53KVyuWHYixmU+iJatv+i5TuXNJBhbXMu6zx9BIoU
                BcC66KnDcWcCAwEAAaM0MDIwEQYDVR0RBAowCIIGYS50ZXN0MB0GA1UdDgQWBBRO
                K1E/XQ1KYPb/Pi+5jqvz+SD3ZzANBgkqhkiG9w0BAQsFAAOCAQEAaCQ+z1yAM64W
                Lu3BXv7iyPs/SmkAkH2HmLQvkxf7phwsgO/9LCzsBl9RMlfUiXBqGrVTY0Mgjy4N
                RSokml6tZl5LbjGMAu5oy0+gBQQjeDsd90cr1nuJ7BW2pZnCYL/suXb1DjYvDTfe
                FDtZZcdo86Dv5zsaYJEJbovy2j78cHgj1nFx19Hg2abGQtxMtBIVkCGVfSb4VnB3
                8jsVJulO3rxA4GdqSe3JSpIDI8YGqyOwZOgNwGX8uWCVQmbCV7FC/HQboHdDkC9f
                rK6BQeYLAfpEw1FV1AWLZbGw6zug8DjE48zbaccsBqg0K/pWAdNh+JUjD44yFAuj
                z5XxKS4gPQ==
                -----END CERTIFICATE-----

                """,
            key: rsaKey,
            hash: "438b1b7bbc95d36e802cc05cf7ef26a45b62160b18909e69be8099c4de280ed9",
            keyHash: rsaKeyHash),
    ]

    /// The keys protect nothing.
    private static let ecKey = Secret(
        copying: """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIKOlZelKsuW/qL6x3+oL0beJHWmXwFKn7CzCVErYZN0voAoGCCqGSM49
            AwEHoUQDQgAEZuED7BWxiIla5nfOMPlFk30F5WYzp3T0KLVXC4VmRCO1GF0iSIAm
            4lsxb83bC2TyZk3QwNFwvCN8C5bH19fLHg==
            -----END EC PRIVATE KEY-----

            """)
    static let ecKeyHash = "uS3MjTQDVWEuMBCgEeAy54juw/6bLfftT7oRlxyTKQg="
    private static let rsaKey = Secret(
        copying: """
            -----BEGIN RSA PRIVATE KEY-----
            MIIEpQIBAAKCAQEAwqECVDucgL+b9YnfXO6uFqMo+iPB4HsmmuZ0ZIUrmx8j2XQ7
            pRohSSDXsHQf0Mauj+0cpSfOxyBpymWVKxSuMhGtMg75oK8QzNwoiVCFQ437o2Gt
            f1rhxjNwTtKHAV1b5+umX4vCkxJRpOxNiFHRaiJX69sVA83q1C5+VaFqaYmCOBMm
            9wfe7P3xURyG9ZF9IIQdPAMB3PlnUZaDqGtU1XZrq4bpaHmyn1WFpjk9cjayCxWg
            ikSpd+3tDr5IXls1dHihsEUpPFHq5I1I826dpUcpA2ZAGfeDr/ncpXK5YdiLGZT6
            Ilq2/6LlO5c0kGFtcy7rPH0EihQFwLroqcNxZwIDAQABAoIBABfKC1lVYfdAtGTq
            QcF/sQq2TbtpZHi2RM05Lu/ccSyIPV8GfIXdMEVafNKmFv9zUYHpFw++0mD3fsbM
            7NMzt2kKTROpzexMia6omFHUZD2SHLhnJ4hCCQerYOZZiEPr7+BkptTV5eYJHq6c
            bYukiIbDBOEgyaxJ3pKpzipUTQfyHp8kMSrRI3xeAEAFIvduG4MJg22BWrM448cn
            oFucAy7E0Fnw1bN1VjeIj3OvBgI5UVGwoB0YzOQ5QXX/4/rFL81FAVgkwEC/I5nc
            CinvCpepvkekHzLws6o1w6iC1qw/gmgohhyOI7+tsZ0oNsnWT2daZeC85ZtcPkGq
            ztHvaKECgYEA8HPgzVqR7DnPy5vFU6RqSdSPw0+XDmdXFNQBz7HJ6Ld9j5/P0l2q
            1JYVfkhRKMmMFQJOalBTIdj41A0fozUia3k1VZJnPVMX9bCQ2piHaiTmY74RU5XD
            cXvHHun8+AV0QDy0qnzmDLH7FGhb6R1aI48iJoVmmalTynOLg8NXsccCgYEAzzag
            4hJgTYIwYW/yhFxJw85wPN+AaeCsuX1slEkSDJXg+6j9phvrn7zw/znHXZAxL/oo
            vPRTWo8ucMVeFy6mPjbe7e54VIabd3rpl09oW9ujtWQwvIue73v6b20datkBogn8
            uqva9AlQqCGdP3ai9vA/itnNHFUx4wEXSD3uQ2ECgYEAu6gD+uBDYBPiSyo/vz5i
            wUoGBMy5vEEEYjnvS/OZ+2gwswVrQOdfKlgTYCH6TRW2oLLTFf+oUZMu5vdzCIGw
            YiYPbMA8mEygN1vcQO2nSTyRHai5hv0rsgaC6Wp9xecjyfpWmXOuapwAsvWbPXxt
            27CaW2vjHetbfHXenS+34gMCgYEAxVRls8UCNu3TOwdL8aadjL2sfxvtA2c1tdNu
            smw/pwKYZbCSFT0jj1R0QOn6JOzrGqBlaURXmLcf577dEsCXCkpg1D80EnK53PeN
            Ok4huNCav2QxUWy5J6FuZeyIhjcwaeqO5gpBEgNI70RLpqNJIFa8fHNb9C5huqdQ
            T7jCjSECgYEArhKBOL00bcn8Ma7p6JhqztExvTazAHW09FYo5KN/LYmLPaGNC3oL
            YPFS/Ldf4Ssuj8/8dVB6LkoPTWMqT1xr+TfllnjVHDYXJ3LECO8t7zfyo1sqXzo7
            LXPRVKUckTqCUX/50iWXmLzT9q0KSgOshXQTRLeEw0hpjDf6aey3vBQ=
            -----END RSA PRIVATE KEY-----

            """)
    private static let rsaKeyHash = "o/6Ra8eOR2KVAOTxKOtzWBxChA6EEmLLz/EouQ2GE90="
}
