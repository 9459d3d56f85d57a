/// Mistakes that lint finds: they need a resource that is in order otherwise.
extension ResourceMistake {
    func plantForLint(_ draft: inout Draft) -> Bool {
        draft.kind == "EmailAccount" ? plantInAccount(&draft) : plantInProfile(&draft)
    }

    private func plantInAccount(_ draft: inout Draft) -> Bool {
        guard draft.has("password"), let port = Self.clearPorts[draft.text("type") ?? ""] else { return false }
        var copy = draft
        let needed = [
            "type", "provider", "cloud", "server", "port", "connectionSecurity", "authentication", "userName",
        ]
        guard needed.allSatisfy({ copy.take($0) }), copy.take("password", "mechanism") else { return false }
        switch self {
        case .portContradicts:
            copy.set("connectionSecurity", .scalar("tls"))
            copy.set("port", .scalar(port, flaw: "lint.port-security"))
        case .mechanismContradicts: copy.set("mechanism", .scalar("XOAUTH2", flaw: "lint.mechanism-contradicts"))
        default: return false
        }
        draft = copy
        return true
    }

    /// The ports that begin in clear text.
    private static let clearPorts = ["imap": "143", "pop3": "110", "smtp": "587"]

    private func plantInProfile(_ draft: inout Draft) -> Bool {
        var copy = draft
        let needed = ["provider", "cloud", "tenant", "issuer", "endpoints.token", "grant", "client.id"]
        guard needed.allSatisfy({ copy.take($0) }), copy.take("client.secret", "client.secretExpires", "scopes") else {
            return false
        }
        switch self {
        case .secretExpired where copy.has("client.secret"):
            copy.set("client.secretExpires", .scalar("2020-02-29", flaw: "lint.secret-expired"))
        case .clearTextEndpoint where copy.has("endpoints.token"):
            copy.set("endpoints.token", .scalar("http://127.0.0.1:8080/token", flaw: "lint.clear-text-endpoint"))
        case .mixedScopes where !copy.has("provider") && copy.text("grant") == "client_credentials":
            let scopes = ["https://mail.example.com/.default", "https://mail.example.com/read"]
            copy.set("scopes", .list(scopes.map { .scalar($0) }, flaw: "lint.default-scope-mixed"))
        default: return false
        }
        draft = copy
        return true
    }
}
