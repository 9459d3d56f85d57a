import KeelTestSupport

/// What can be wrong with a resource as a whole, or between its fields.
enum ResourceMistake: String, CaseIterable {
    // Around `spec`: nothing else is said of such a document.
    case strangerInManifest, misspeltSpec, badName, noName, misspeltName, noMetadata, noSpec, specIsList, noKind
    case unknownKind, nearKind, unknownVersion, metadataIsText
    // In `metadata`.
    case strangerInMetadata, labelTrap, labelsAreList, annotationsAreText
    // Keys that YAML allows and manifests do not.
    case mergeKey, listAsKey
    // Between fields.
    case unknownProfile, unknownProvider, unknownCloud, badTenant, noTenant
    case noAuthentication, noProfile, noPassword, noServer, noCredential, noServiceAccount
    case noTokenSource, ignoredStranger, ignoredIdentity, ignoredPolicy
    // What lint knows of values that are in order by themselves.
    case portContradicts, mechanismContradicts, secretExpired, clearTextEndpoint, mixedScopes
    // Between documents that were renamed.
    case movedToItself, movedBetweenKinds, badAddress, authorizationAddress, addressMissing, addressMisspelt

    /// Whether a manifest is lost whose name nobody knows, so that no reference can be called unknown.
    var hidesReferences: Bool {
        switch self {
        case .noName, .misspeltName, .badName, .noMetadata, .metadataIsText: true
        default: false
        }
    }

    /// Puts the mistake into a document; false where it cannot be made.
    func plant(in draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        switch draft.kind {
        case "Moved", "Removed": plantInRename(&draft)
        default:
            plantAround(&draft, &random) || plantInMetadata(&draft, &random) || plantInSpec(&draft)
                || plantForLint(&draft)
        }
    }

    // MARK: Around the spec

    private func plantAround(_ draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        var copy = draft
        guard copy.takeAll() else { return false }
        switch self {
        case .strangerInManifest:
            guard copy.root[["status"]] == nil else { return false }
            copy.root.entries.insert(
                Entry("status", .mapping([Entry("phase", .scalar("no"))]), flaw: "manifest.unknown-field"),
                at: Int.random(in: 0...4, using: &random))
        case .misspeltSpec: copy.rename([], "spec", to: Layout.pick(["sepc", "Spec", "specs"], &random))
        case .misspeltName: copy.rename(["metadata"], "name", to: Layout.pick(["nmae", "Name", "names"], &random))
        case .badName:
            let bad = ["\"a b\"", "no", "~", "\"\"", "é", "a/b", String(repeating: "x", count: 64), "\"a\\n\""]
            copy.root.change(["metadata", "name"]) {
                $0.value = .scalar(Layout.pick(bad, &random), flaw: "manifest.bad-value")
            }
        case .noName:
            copy.root.change(["metadata"]) { metadata in
                metadata.value.entries.removeAll { $0.key == "name" }
                metadata.value.flaw = "manifest.missing-field"
            }
        case .noMetadata:
            copy.root.entries.removeAll { $0.key == "metadata" }
            copy.root.flaw = "manifest.missing-field"
        case .noSpec:
            copy.root.entries.removeAll { $0.key == "spec" }
            copy.root.change(["metadata", "name"]) { $0.value.flaw = "manifest.missing-field" }
        case .specIsList: copy.replace("spec", .list([.scalar("type")], flaw: "manifest.wrong-type"))
        case .metadataIsText: copy.replace("metadata", .scalar("name", flaw: "manifest.wrong-type"))
        case .noKind:
            copy.root.entries.removeAll { $0.key == "kind" }
            copy.root.flaw = "manifest.missing-field"
        case .unknownKind: copy.replace("kind", .scalar("Zebra", flaw: "manifest.unknown-kind"))
        case .nearKind: copy.replace("kind", .scalar("EmailAcount", flaw: "manifest.unknown-kind"))
        case .unknownVersion: copy.replace("apiVersion", .scalar("mailkeel/v9", flaw: "manifest.unknown-version"))
        default: return false
        }
        draft = copy
        return true
    }

    // MARK: Metadata and keys

    private func plantInMetadata(_ draft: inout Draft, _ random: inout SeededGenerator) -> Bool {
        switch self {
        case .strangerInMetadata:
            guard draft.take("metadata stranger") else { return false }
            return draft.insert(Entry("namespace", .scalar("x"), flaw: "manifest.unknown-field"), ["metadata"], &random)
        case .labelTrap:
            let value = Part.scalar(Layout.pick(["no", "~", "\"a\\tb\"", "On"], &random), flaw: "manifest.bad-value")
            guard draft.root[["metadata", "labels"]] != nil, draft.take("metadata labels") else { return false }
            return draft.insert(Entry("country", value), ["metadata", "labels"], &random)
        case .labelsAreList:
            guard draft.take("metadata labels") else { return false }
            return draft.root.change(["metadata", "labels"]) {
                $0.value = .list([.scalar("a")], flaw: "manifest.wrong-type")
            }
        case .annotationsAreText:
            guard draft.take("metadata annotations") else { return false }
            return draft.root.change(["metadata", "annotations"]) {
                $0.value = .scalar("text", flaw: "manifest.wrong-type")
            }
        case .mergeKey:
            guard draft.take("metadata annotations") else { return false }
            return draft.root.change(["metadata", "annotations"]) {
                $0.value = .mapping([Entry("<<", .scalar("{ a: b }"), flaw: "yaml.merge-key")])
            }
        case .listAsKey:
            guard draft.take("list as key") else { return false }
            return draft.insert(Entry("[a, b]", .scalar("x"), flaw: "yaml.key"), ["spec"], &random)
        default: return false
        }
    }

    // MARK: Between fields

    private func plantInSpec(_ draft: inout Draft) -> Bool {
        draft.kind == "EmailAccount" ? plantInAccount(&draft) : plantInProfile(&draft)
    }

    private func plantInAccount(_ draft: inout Draft) -> Bool {
        let hasProfile = draft.has("oauthProfile")
        let hasPassword = draft.has("password")
        switch self {
        case .unknownProfile:
            guard hasProfile, draft.take("oauthProfile", "authentication") else { return false }
            draft.set("oauthProfile", .scalar("nobody-wrote-it", flaw: "manifest.unknown-reference"))
        case .noAuthentication:
            guard hasPassword, draft.take("oauthProfile", "authentication", "password", "name") else { return false }
            draft.remove("authentication")
            draft.remove("password")
            draft.flawName("manifest.missing-field")
        case .noProfile:
            guard hasProfile, draft.take("oauthProfile", "authentication") else { return false }
            draft.remove("oauthProfile")
            draft.set("authentication", .scalar("oauth2", flaw: "manifest.missing-field"))
        case .noPassword:
            guard hasPassword, draft.take("password", "authentication") else { return false }
            draft.remove("password")
            draft.set("authentication", .scalar("password", flaw: "manifest.missing-field"))
        case .noServer:
            guard hasPassword, draft.take("type", "provider", "cloud", "server", "authentication", "password", "name")
            else { return false }
            draft.remove("server")
            draft.flawName("manifest.missing-field")
        case .ignoredStranger: return draft.ignore("sever", "manifest.unknown-field")
        case .ignoredIdentity: return draft.ignore("userName", "manifest.bad-value")
        case .ignoredPolicy: return draft.ignore("lifecycle", "manifest.bad-value")
        default: return false
        }
        return true
    }

    private func plantInProfile(_ draft: inout Draft) -> Bool {
        let hasProvider = draft.has("provider")
        switch self {
        case .unknownProvider:
            guard hasProvider, draft.take("provider", "tenant", "cloud") else { return false }
            draft.set("provider", .scalar("microsoft36", flaw: "manifest.unknown-reference"))
        case .unknownCloud:
            guard hasProvider, draft.take("provider", "tenant", "cloud") else { return false }
            draft.set("cloud", .scalar("cumulus", flaw: "manifest.unknown-reference"))
        case .badTenant:
            guard hasProvider, draft.take("provider", "tenant", "cloud") else { return false }
            draft.set("tenant", .scalar("contoso/evil", flaw: "manifest.bad-value"))
        case .noTenant:
            guard let provider = draft.text("provider"), draft.take("provider", "tenant", "cloud") else { return false }
            draft.remove("tenant")
            draft.set("provider", .scalar(provider, flaw: "manifest.missing-field"))
        case .noCredential:
            guard let grant = draft.text("grant"), grant == "client_credentials",
                draft.take("grant", "client.secret", "client.secretExpires", "client.assertion", "client.certificate")
            else { return false }
            for field in ["client.secret", "client.secretExpires", "client.assertion", "client.certificate"] {
                draft.remove(field)
            }
            draft.set("grant", .scalar(grant, flaw: "manifest.missing-field"))
        case .noServiceAccount:
            guard let grant = draft.text("grant"), grant == "jwt_bearer", draft.take("grant", "serviceAccount") else {
                return false
            }
            draft.remove("serviceAccount")
            draft.set("grant", .scalar(grant, flaw: "manifest.missing-field"))
        case .noTokenSource:
            guard !hasProvider, draft.take("provider", "issuer", "endpoints.token", "name") else { return false }
            draft.remove("issuer")
            draft.remove("endpoints.token")
            draft.flawName("manifest.missing-field")
        default: return false
        }
        return true
    }

    // MARK: Documents about addresses

    private func plantInRename(_ draft: inout Draft) -> Bool {
        let fields = draft.root[["spec"]]?.entries.map(\.key) ?? []
        let isMove = draft.kind == "Moved"
        var copy = draft
        guard let last = fields.last, copy.takeAll() else { return false }
        switch self {
        case .movedToItself where isMove:
            guard let from = copy.text("from") else { return false }
            copy.set("to", .scalar(from, flaw: "manifest.move-to-itself"))
        case .movedBetweenKinds where isMove:
            let isProfile = copy.text("from")?.hasPrefix("OAuth") == true
            let other = isProfile ? "EmailAccount/mailbox-1" : "OAuthProfile/p-own"
            copy.set("to", .scalar(other, flaw: "manifest.move-between-kinds"))
        case .badAddress: copy.set(last, .scalar("EmailAccount", flaw: "manifest.bad-value"))
        case .authorizationAddress:
            copy.set(last, .scalar("\"Authorization/p-own:(app)\"", flaw: "manifest.bad-value"))
        case .addressMissing:
            copy.remove(last)
            copy.root.change(["spec"]) { $0.value.flaw = "manifest.missing-field" }
        case .addressMisspelt: copy.rename(["spec"], last, to: last == "to" ? "too" : last + "s")
        case .strangerInManifest:
            copy.root.entries.append(Entry("zzz", .scalar("x"), flaw: "manifest.unknown-field"))
        case .noSpec:
            copy.root.entries.removeAll { $0.key == "spec" }
            copy.root.flaw = "manifest.missing-field"
        default: return false
        }
        draft = copy
        return true
    }
}

extension Draft {
    fileprivate mutating func replace(_ key: String, _ value: Part) { root.change([key]) { $0.value = value } }

    fileprivate mutating func flawName(_ code: String) { root.change(["metadata", "name"]) { $0.value.flaw = code } }

    fileprivate mutating func rename(_ path: [String], _ key: String, to other: String) {
        root.change(path + [key]) { entry in
            entry.key = other
            entry.keyFlaw = "manifest.unknown-field"
        }
    }

    fileprivate mutating func insert(
        _ entry: Entry, _ path: [String], _ random: inout SeededGenerator
    ) -> Bool {
        let count = root[path]?.entries.count ?? 0
        guard count > 0 else { return false }
        return root.changeEntries(path) { $0.insert(entry, at: Int.random(in: 0...count, using: &random)) }
    }

    /// Adds an entry to the fields whose changes are ignored; the mistake is shown where their list begins.
    fileprivate mutating func ignore(_ name: String, _ code: String) -> Bool {
        guard kind == "EmailAccount", take("lifecycle.ignoreChanges") else { return false }
        set("lifecycle.ignoreChanges", .list([.scalar("port"), .scalar(name)], flaw: code))
        return true
    }
}
