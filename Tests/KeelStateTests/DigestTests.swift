import KeelBase
import KeelState
import Testing

struct DigestTests {
    private static func digest(_ declared: [(String, FieldValue)], _ effective: [(String, FieldValue)] = []) -> String {
        var digest = RecordDigest()
        for (name, value) in declared { digest.declared(name, value) }
        for (name, value) in effective { digest.effective(name, value) }
        return digest.hexadecimal()
    }

    @Test func `a record's digest is that of its values in order`() throws {
        let record = try #require(StateFixture.full.committed)
        let declared = record.declared.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let effective = record.effective.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) }
        #expect(record.digest == Self.digest(declared, effective))
        #expect(record.digest.utf8.count == 32)
    }

    @Test func `a digest changes with what is declared and what holds, and with nothing else`() throws {
        let record = try #require(StateFixture.full.committed)
        var other = record
        other.grant = nil
        other.proof = nil
        other.run = "x"
        other.fingerprints = [:]
        other.effective["port"]?.origin = .schemaDefault
        #expect(other.digest == record.digest)
        other.declared["port"] = .text("993")
        #expect(other.digest != record.digest)
        other = record
        other.effective["port"]?.value = .integer(143)
        #expect(other.digest != record.digest)
    }

    /// All of these are different, so their digests are.
    @Test func `no two lists of values have one digest`() {
        let values: [FieldValue] = [
            .text(""), .text("1"), .text("true"), .integer(1), .integer(-1), .integer(256), .boolean(true),
            .boolean(false),
            .set([]), .set([""]), .set(["", ""]), .set(["ab"]), .set(["a", "b"]), .map([:]), .map(["a": "b"]),
            .map(["ab": ""]), .map(["a": "", "b": ""]), .secret(SecretSource(.environment("a"))),
            .secret(SecretSource(.file("a"))), .secret(SecretSource(.vault("a"))),
            .secret(SecretSource(.command(["a"]))),
            .secret(SecretSource(.command(["a", "b"]))), .secret(SecretSource(.command(["a"]), version: "b")),
            .secret(SecretSource(.file("a"), version: "")),
        ]
        var seen: [String: String] = [:]
        func expectNew(_ digest: String, _ what: String) {
            if let before = seen.updateValue(what, forKey: digest) { Issue.record("\(what) is like \(before)") }
        }
        expectNew(Self.digest([]), "nothing")
        for value in values {
            expectNew(Self.digest([("a", value)]), "declared \(value)")
            expectNew(Self.digest([], [("a", value)]), "effective \(value)")
            expectNew(Self.digest([("", value)]), "no name \(value)")
            for other in values { expectNew(Self.digest([("a", value), ("b", other)]), "\(value) and \(other)") }
        }
    }

    /// A digest is stored and compared between versions: it may not move.
    @Test func `digests stay what they are`() {
        #expect(Self.digest([]) == "e3b0c44298fc1c149afbf4c8996fb924")
        #expect(
            Self.digest([("port", .integer(993))], [("server", .text("h"))]) == "f70202725da96027c0d4e8936c8c130c")
        #expect(
            ContentDigest.hexadecimal(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
