import KeelBase
import KeelCrypto
import Testing

struct PassphraseDerivationTests {
    /// The RFC's vectors (section 12) have salts of another length; this one is by OpenSSL, with the cost of the third.
    @Test func `it is scrypt as OpenSSL computes it`() throws {
        let derivation = try #require(PassphraseDerivation(parsing: "scrypt:14:8:1:AAECAwQFBgcICQoLDA0ODw"))
        let key = try #require(derivation.key(from: Secret(copying: "pleaseletmein")))
        #expect(Hexadecimal.text(key.reveal()) == "531604fe738df33ae62cd2b994bfe3f573ed28c0d9e5547f875b6413189ce59a")
    }

    @Test func `a new one has a salt of its own, and is read back`() throws {
        let (first, second) = (PassphraseDerivation.random(cost: 14), PassphraseDerivation.random(cost: 14))
        #expect(first != second)
        #expect(PassphraseDerivation(parsing: first.description) == first)
        let passphrase = Secret(copying: "correct horse battery staple")
        let keys = [first, first, second].compactMap { $0.key(from: passphrase) }
        #expect(keys.count == 3 && keys[0].matches(keys[1]) && !keys[0].matches(keys[2]))
        #expect(PassphraseDerivation.random().description.hasPrefix("scrypt:17:8:1:"))
    }

    @Test(arguments: [
        "", "scrypt", "scrypt:17:8:1:", "scrypt:13:8:1:AAECAwQFBgcICQoLDA0ODw", "scrypt:21:8:1:AAECAwQFBgcICQoLDA0ODw",
        "scrypt:17:1:1:AAECAwQFBgcICQoLDA0ODw", "scrypt:17:8:2:AAECAwQFBgcICQoLDA0ODw", "scrypt:17:8:1:AAEC",
        "scrypt:+17:8:1:AAECAwQFBgcICQoLDA0ODw", "argon2:17:8:1:AAECAwQFBgcICQoLDA0ODw",
        "scrypt:17:8:1:AAECAwQFBgcICQoLDA0ODw:x", "scrypt:17:8:1:AAECAwQFBgcICQoLDA0OD_",
    ])
    func `what is cheap, dear or not ours is not taken`(text: String) {
        #expect(PassphraseDerivation(parsing: text) == nil)
    }
}
