import KeelBase

/// Certificates that the throw-away authority does not make, for the name `a.test`.
enum Fixtures {
    /// A root that is valid from 2020 to 2120, as all of them are.
    static let root = """
        -----BEGIN CERTIFICATE-----
        MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxGaXh0dXJl
        IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV
        BAMMDEZpeHR1cmUgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM5p8kpU
        QR7c4gKqWoR2zyT38IG8JARTcbZgxsgM0gKpcXfzrIh8+Xtf3xF4Nt5rBqaL0LXe
        7LeOu6fKvDuTrzujQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIE
        MB0GA1UdDgQWBBTp6oRi703ULqCLQC1YhfbbQhB5SDAKBggqhkjOPQQDAgNJADBG
        AiEAggmkPIyeQJk1QM1WrJXIYbiAiwJLCTfPKJCyqHJIeagCIQCHIIBGGntKQ/Qs
        QSbEGhyHX5CyUHq73ksL60S4O+iYkA==
        -----END CERTIFICATE-----

        """

    /// By the root: no subject, a critical name `a.test`, a critical use for TLS servers.
    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBhzCCASygAwIBAgIBBjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxGaXh0dXJl
        IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAAwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAAT1mHRvk0voYaIFN8rplPAheDv9YyyDSASuVjH/
        uNUIIfkOctIIVB/9eIh5PLfZ8PjA7+aTekw7Y5mgVeO6RGffo34wfDAMBgNVHRMB
        Af8EAjAAMBYGA1UdJQEB/wQMMAoGCCsGAQUFBwMBMBQGA1UdEQEB/wQKMAiCBmEu
        dGVzdDAdBgNVHQ4EFgQUQZcDsbYJv1Iz2icpCpmBe0zdDsEwHwYDVR0jBBgwFoAU
        6eqEYu9N1C6gi0AtWIX220IQeUgwCgYIKoZIzj0EAwIDSQAwRgIhAJrhXBBpZWmo
        54HdmVL2lUg2JRjv1ofCheexh5rndtwKAiEA0JJEPJCpcVvi52eDv9W6Fkf33yx0
        5TI88L5+R0p+7CM=
        -----END CERTIFICATE-----

        """

    /// By the root: for TLS clients.
    static let clientOnly = """
        -----BEGIN CERTIFICATE-----
        MIIBkTCCATegAwIBAgIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxGaXh0dXJl
        IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNV
        BAMMBmEudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPWYdG+TS+hhogU3
        yumU8CF4O/1jLINIBK5WMf+41Qgh+Q5y0ghUH/14iHk8t9nw+MDv5pN6TDtjmaBV
        47pEZ9+jeDB2MAwGA1UdEwEB/wQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwEQYD
        VR0RBAowCIIGYS50ZXN0MB0GA1UdDgQWBBRBlwOxtgm/UjPaJykKmYF7TN0OwTAf
        BgNVHSMEGDAWgBTp6oRi703ULqCLQC1YhfbbQhB5SDAKBggqhkjOPQQDAgNIADBF
        AiAqpqiE/1/loW2HgQ6qT+N/j37DOH7/2PVcsQ3d0Ma70wIhAIIa+wbFqzXZm+tl
        gf6GVXYuHS7QcB7R0g0RFM/OQ8Uq
        -----END CERTIFICATE-----

        """

    /// By the root: a critical extension that nobody knows.
    static let oddExtension = """
        -----BEGIN CERTIFICATE-----
        MIIBfTCCASOgAwIBAgIBBTAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxGaXh0dXJl
        IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNV
        BAMMBmEudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPWYdG+TS+hhogU3
        yumU8CF4O/1jLINIBK5WMf+41Qgh+Q5y0ghUH/14iHk8t9nw+MDv5pN6TDtjmaBV
        47pEZ9+jZDBiMBEGA1UdEQQKMAiCBmEudGVzdDANBgQqAwQFAQH/BAIFADAdBgNV
        HQ4EFgQUQZcDsbYJv1Iz2icpCpmBe0zdDsEwHwYDVR0jBBgwFoAU6eqEYu9N1C6g
        i0AtWIX220IQeUgwCgYIKoZIzj0EAwIDSAAwRQIgS7QnVAGbgR48gK2OKJ91QVv/
        +OkGQTET3jeoOIw0ZdQCIQCYOgs3/bJS51UwTX1Ye4r5P2Eva34WqWc0sLejWmqj
        1Q==
        -----END CERTIFICATE-----

        """

    /// By `server`, which is no authority.
    static let underLeaf = """
        -----BEGIN CERTIFICATE-----
        MIIBNjCB3KADAgECAgEEMAoGCCqGSM49BAMCMAAwIBcNMjAwMTAxMDAwMDAwWhgP
        MjEyMDAxMDEwMDAwMDBaMBExDzANBgNVBAMMBmEudGVzdDBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABPWYdG+TS+hhogU3yumU8CF4O/1jLINIBK5WMf+41Qgh+Q5y
        0ghUH/14iHk8t9nw+MDv5pN6TDtjmaBV47pEZ9+jNDAyMBEGA1UdEQQKMAiCBmEu
        dGVzdDAdBgNVHQ4EFgQUQZcDsbYJv1Iz2icpCpmBe0zdDsEwCgYIKoZIzj0EAwID
        SQAwRgIhALkqlMw8aeotHfYKOPnEGnnvoS3f+ij1Lb18HgaDq8ozAiEAim+GkNc3
        H8AfVKQ4ISxl1imZru8G/zHGc5mGimNV9f8=
        -----END CERTIFICATE-----

        """

    /// The key of every leaf; it protects nothing.
    static let leafKey = Secret(
        copying: """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIEVYDWCSYTaVAbTRGjPtVJeKc+ldJPV31KIRQN7uYBdEoAoGCCqGSM49
            AwEHoUQDQgAE9Zh0b5NL6GGiBTfK6ZTwIXg7/WMsg0gErlYx/7jVCCH5DnLSCFQf
            /XiIeTy32fD4wO/mk3pMO2OZoFXjukRn3w==
            -----END EC PRIVATE KEY-----

            """)
}
