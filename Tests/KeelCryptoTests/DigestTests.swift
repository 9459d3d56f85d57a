import KeelBase
import KeelCrypto
import Testing

struct DigestTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `a digest is the standard's`(message: String, digest: String) {
        #expect(Hexadecimal.text(SHA256Digest.bytes(of: Array(message.utf8))) == digest)
    }

    /// RFC 4231 section 4.3.
    @Test func `a code is the standard's, of bytes and of a secret alike`() {
        let key = Secret(copying: "Jefe")
        let message = "what do ya want for nothing?"
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        #expect(Hexadecimal.text(MessageAuthentication.code(for: Array(message.utf8), key: key)) == expected)
        #expect(Hexadecimal.text(MessageAuthentication.code(for: Secret(copying: message), key: key)) == expected)
    }

    @Test func `a code holds for its message and its key only`() {
        let key = Secret(copying: "key")
        let code = MessageAuthentication.code(for: [1, 2, 3], key: key)
        #expect(MessageAuthentication.isValid(code, for: [1, 2, 3], key: key))
        #expect(!MessageAuthentication.isValid(code, for: [1, 2, 4], key: key))
        #expect(!MessageAuthentication.isValid(code, for: [1, 2, 3], key: Secret(copying: "other")))
        #expect(!MessageAuthentication.isValid(Array(code.dropLast()), for: [1, 2, 3], key: key))
        #expect(!MessageAuthentication.isValid([], for: [1, 2, 3], key: key))
    }

    /// RFC 5869 appendix A.3 has no salt and no info; its first 32 of 42 bytes.
    @Test func `a derived key is the standard's`() {
        let input = Secret(copying: [UInt8](repeating: 0x0B, count: 22))
        let key = KeyDerivation.key(from: input, purpose: "")
        #expect(
            Hexadecimal.text(key.reveal()) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    }

    @Test func `each purpose and each salt has a key of its own`() {
        let key = Secret(copying: [UInt8](repeating: 7, count: 32))
        let derived = [
            KeyDerivation.key(from: key, purpose: "a"), KeyDerivation.key(from: key, purpose: "b"),
            KeyDerivation.key(from: key, salt: [1], purpose: "a"), key,
        ]
        #expect(Set(derived.map { $0.reveal() }).count == 4)
    }

    @Test func `different lists of fields are different bytes`() {
        var optionalEmpty = AuthenticatedFields(purpose: "p")
        optionalEmpty.append(optional: [])
        var optionalNone = AuthenticatedFields(purpose: "p")
        optionalNone.append(optional: nil)
        let lists = [
            AuthenticatedFields(purpose: "p", "ab", "c"), AuthenticatedFields(purpose: "p", "a", "bc"),
            AuthenticatedFields(purpose: "p", "abc"), AuthenticatedFields(purpose: "p", "abc", ""),
            AuthenticatedFields(purpose: "pa", "b", "c"), optionalEmpty, optionalNone,
        ]
        #expect(Set(lists.map(\.bytes)).count == lists.count)
    }
}
