import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct FieldTableTests {
    private static let tables = [FieldTable.emailAccount, .oauthProfile]

    @Test func `the account has all its fields`() {
        #expect(
            Set(FieldTable.emailAccount.definitions.map(\.name)) == [
                "type", "provider", "cloud", "maxConnections", "server", "port", "connectionSecurity", "authentication",
                "mechanism", "userName",
                "authorizedAs",
                "from", "userLabel", "oauthProfile", "password", "active", "debug", "proof", "recordIn", "managedBy",
                "tls.caFile", "tls.pin", "lifecycle.preventDestroy", "lifecycle.ignoreChanges", "lifecycle.onDestroy",
            ])
    }

    @Test func `the profile has all its fields`() {
        #expect(
            Set(FieldTable.oauthProfile.definitions.map(\.name)) == [
                "provider", "cloud", "tenant", "issuer", "endpoints.authorization", "endpoints.token",
                "endpoints.deviceAuthorization", "endpoints.revocation", "endpoints.introspection",
                "endpoints.userinfo", "endpoints.pushedAuthorization", "grant",
                "client.id",
                "client.secret", "client.secretExpires", "client.authentication", "client.assertion",
                "client.certificate", "client.certificateExpires", "serviceAccount", "scopes", "redirectURI",
                "authorizationParameters",
                "refreshTokenLifetime", "revocationReach", "tls.caFile",
            ])
    }

    @Test func `names are unique and every row is documented by one sentence`() {
        for table in Self.tables {
            #expect(Set(table.definitions.map(\.name)).count == table.definitions.count)
            for row in table.definitions {
                #expect(row.documentation.hasSuffix("."), "\(row.name)")
                #expect(row.documentation.count > 10, "\(row.name)")
                #expect(!row.documentation.contains("\n"), "\(row.name)")
            }
        }
    }

    @Test func `a required field has no default, and a default is of the field's type`() {
        for table in Self.tables {
            for row in table.definitions {
                guard let value = row.defaultValue else { continue }
                #expect(!row.isRequired, "\(row.name)")
                switch (row.type, value) {
                case (.boolean, .boolean), (.text, .text): break
                case (.choice(let words), .text(let word)): #expect(words.contains(word), "\(row.name)")
                default: Issue.record("the default of \(row.name) has another type")
                }
            }
        }
    }

    /// A default would otherwise hold where the field has no meaning.
    @Test func `a field with a condition has no default, and a condition names a word that the other field may be`() {
        for table in Self.tables {
            for row in table.definitions {
                #expect(row.conditions.isEmpty || row.defaultValue == nil, "\(row.name)")
                let conditions = row.conditions + (row.requirement?.condition.map { [$0] } ?? [])
                for condition in conditions {
                    let other = table.definition(condition.field)
                    #expect(other != nil && condition.field != row.name, "\(row.name)")
                    guard !condition.values.isEmpty else { continue }
                    guard case .choice(let words)? = other?.type else {
                        Issue.record("\(row.name): \(condition.field) is no choice")
                        continue
                    }
                    #expect(Set(condition.values).isStrictSubset(of: words), "\(row.name)")
                }
            }
        }
    }

    @Test func `rows are found by their names, groups are what stands before a dot`() {
        for table in Self.tables {
            for (index, row) in table.definitions.enumerated() { #expect(table.index[row.name] == index) }
        }
        #expect(FieldTable.emailAccount.groups == ["tls", "lifecycle"])
        #expect(FieldTable.oauthProfile.groups == ["client", "endpoints", "tls"])
        #expect(FieldTable.of(.authorization) == nil)
    }

    @Test(arguments: [
        ("client.id", Effect.identity), ("issuer", .identity), ("tenant", .identity), ("provider", .identity),
        ("grant", .identity), ("scopes", .consent), ("client.secret", .credential), ("serviceAccount", .credential),
        ("tls.caFile", .connection), ("client.secretExpires", .record), ("refreshTokenLifetime", .record),
        ("revocationReach", .record),
    ])
    func `what a change of a profile means`(field: String, effect: Effect) {
        #expect(FieldTable.oauthProfile.definition(field)?.effect == effect)
    }

    @Test(arguments: [
        ("server", Effect.connection), ("port", .connection), ("connectionSecurity", .connection),
        ("mechanism", .connection), ("tls.caFile", .connection), ("tls.pin", .connection), ("from", .sender),
        ("active", .service), ("userLabel", .record), ("debug", .record), ("password", .credential),
        ("userName", .identity), ("authorizedAs", .identity), ("oauthProfile", .identity),
        ("provider", .record), ("cloud", .record), ("maxConnections", .record),
    ])
    func `what a change of an account means`(field: String, effect: Effect) {
        #expect(FieldTable.emailAccount.definition(field)?.effect == effect)
    }

    @Test func `a field may be ignored if it neither says which account it is nor how it is planned`() {
        let refused = Set(FieldTable.emailAccount.definitions.map(\.name)).subtracting(AccountField.ignorableNames)
        #expect(
            refused == [
                "type", "authentication", "userName", "authorizedAs", "oauthProfile", "proof", "recordIn",
                "lifecycle.preventDestroy", "lifecycle.ignoreChanges", "lifecycle.onDestroy",
            ])
        #expect(AccountField.ignorableNames.contains("metadata.labels"))
    }

    @Test func `only secrets have the type of secrets`() {
        let secrets = Self.tables.flatMap { $0.definitions.filter { $0.type == .secret } }.map(\.name)
        #expect(Set(secrets) == ["password", "client.secret", "client.assertion", "serviceAccount"])
    }

    /// What the table shows as an example must be a manifest that is accepted.
    @Test func `every example is decoded`() {
        for (table, name) in [(FieldTable.emailAccount, "EmailAccount"), (.oauthProfile, "OAuthProfile")] {
            for row in table.definitions {
                guard let example = row.example else { continue }
                let parts = row.name.split(separator: ".").map(String.init)
                let value = parts.dropFirst().reversed().reduce(example.text()) { "{ \($1): \($0) }" }
                let loaded = Loaded(Manifest.document(name, "x", ["\(parts[0]): \(value)"]))
                let refused = loaded.diagnostics.filter {
                    $0.code != "manifest.missing-field" && !$0.code.contains("not-applicable")
                }
                .filter { $0.code != "manifest.unknown-reference" && !$0.message.contains("needs spec.provider") }
                #expect(refused.isEmpty, "\(row.name)")
            }
        }
    }
}
