import KeelBase
import KeelModel
import Testing

struct VisitingTests {
    private static let full = Manifest.account(
        "type: smtp", "server: h", "userName: u@x", "password: { fromEnv: P }", "from: f@x", "userLabel: L",
        "debug: true", "tls: { caFile: ca.pem }", "lifecycle: { preventDestroy: true, ignoreChanges: [port] }",
        metadata: ", labels: { team: desk }")

    private static func specs() throws -> [EffectiveSpec] {
        let loaded = Loaded(Manifest.m365 + full + Manifest.mailbox("b"))
        #expect(loaded.findings.isEmpty)
        return try [
            #require(loaded.profile("m365")).spec, #require(loaded.account("a")).spec,
            #require(loaded.account("b")).spec,
        ]
    }

    private static func isAscending(_ names: [String]) -> Bool {
        zip(names, names.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    @Test func `a visit sees what the dictionaries hold, in ascending order of names`() throws {
        for spec in try Self.specs() {
            var declared: [(String, FieldValue)] = []
            var effective: [(String, EffectiveValue)] = []
            spec.visitDeclared { declared.append(($0, $1)) }
            spec.visitEffective { effective.append(($0, $1)) }
            #expect(Self.isAscending(declared.map(\.0)) && Self.isAscending(effective.map(\.0)))
            #expect(Dictionary(uniqueKeysWithValues: declared) == spec.declared)
            #expect(Dictionary(uniqueKeysWithValues: effective) == spec.effective)
        }
    }

    @Test func `settings are what a login proves`() throws {
        let specs = try Self.specs()
        let names = specs.map { spec in
            var names: [String] = []
            spec.visitSettings { name, value in
                names.append(name)
                #expect(value == spec.value(name))
            }
            return names
        }
        #expect(
            names[1] == [
                "authentication", "connectionSecurity", "from", "password", "port", "server", "tls.caFile", "type",
                "userName",
            ])
        #expect(
            names[0] == [
                "client.id", "client.secret", "cloud", "endpoints.token", "grant", "provider", "scopes", "tenant",
            ])
    }

    @Test func `the origin of a value is told`() throws {
        let specs = try Self.specs()
        #expect(specs[1].origin("server") == .manifest && specs[1].origin("active") == .schemaDefault)
        #expect(specs[1].origin("metadata.labels") == .manifest && specs[2].origin("metadata.labels") == nil)
        #expect(specs[0].origin("endpoints.token") == .preset(name: "microsoft365", version: 2))
        #expect(specs[1].origin("mechanism") == nil && specs[1].origin("unknown") == nil)
    }

    @Test func `labels are a value like others`() throws {
        let spec = try Self.specs()[1]
        #expect(spec.value("metadata.labels") == .map(["team": "desk"]) && spec.isDeclared("metadata.labels"))
    }
}
