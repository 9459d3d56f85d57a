import KeelBase
import KeelCrypto
import Testing

struct SealerTests {
    private let key = RandomBytes.secret(count: 32)

    @Test(arguments: [0, 1, 16, 4000])
    func `what was sealed opens with the same key and place`(count: Int) throws {
        let secret = RandomBytes.secret(count: count)
        let sealed = Sealer.seal(secret, key: key, associatedData: [1, 2])
        #expect(try Sealer.open(sealed, key: key, associatedData: [1, 2]).matches(secret))
        #expect(sealed.count == count + 53)
        #expect(Sealer.keyIdentifier(of: sealed) == KeyIdentifier(of: key))
    }

    @Test func `every changed byte is noticed`() {
        let sealed = Sealer.seal(Secret(copying: "token"), key: key, associatedData: [])
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SealingFailure.self, "byte \(index)") {
                try Sealer.open(changed, key: key, associatedData: [])
            }
        }
    }

    @Test func `another place, another key and a cut are told apart`() {
        let sealed = Sealer.seal(Secret(copying: "token"), key: key, associatedData: [1])
        #expect(throws: SealingFailure.notAuthentic) { try Sealer.open(sealed, key: key, associatedData: [2]) }
        #expect(throws: SealingFailure.otherKey(KeyIdentifier(of: key))) {
            try Sealer.open(sealed, key: Secret(copying: "other"), associatedData: [1])
        }
        #expect(throws: SealingFailure.notAuthentic) {
            try Sealer.open(Array(sealed.dropLast()), key: key, associatedData: [1])
        }
        #expect(throws: SealingFailure.unknownFormat) {
            try Sealer.open(Array(sealed.prefix(40)), key: key, associatedData: [1])
        }
        #expect(throws: SealingFailure.unknownFormat) { try Sealer.open([], key: key, associatedData: [1]) }
    }

    @Test func `the same secret is never sealed to the same bytes`() {
        let sealed = (0..<50).map { _ in Sealer.seal(Secret(copying: "t"), key: key, associatedData: []) }
        #expect(Set(sealed).count == 50)
    }

    @Test func `a key's identifier is stable, keyed and readable`() throws {
        let key = Secret(copying: [UInt8](repeating: 1, count: 32))
        let identifier = KeyIdentifier(of: key)
        #expect(identifier == KeyIdentifier(of: key))
        #expect(identifier != KeyIdentifier(of: self.key))
        #expect(identifier.description.utf8.count == 16)
        #expect(KeyIdentifier(parsing: identifier.description) == identifier)
        #expect(KeyIdentifier(parsing: "0011") == nil)
        #expect(identifier.bytes != Array(SHA256Digest.bytes(of: key.reveal()).prefix(8)))
    }

    @Test func `random identifiers have their form and do not repeat`() {
        let ids = (0..<1000).map { _ in RandomIdentifier.make() }
        #expect(Set(ids).count == 1000)
        let alphabet = Set("abcdefghijklmnopqrstuvwxyz234567")
        #expect(ids.allSatisfy { $0.count == 26 && $0.allSatisfy(alphabet.contains) })
        let uuid = RandomIdentifier.uuid()
        #expect(uuid.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(Array(uuid)[14] == "4")
        #expect("89ab".contains(Array(uuid)[19]))
        #expect(RandomBytes.make(count: 13).count == 13)
    }
}
