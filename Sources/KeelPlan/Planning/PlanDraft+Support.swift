import KeelBase
import KeelDiagnostics
import KeelModel

extension PlanDraft {
    /// Whether this version can obtain the profile's grant; explains if not.
    mutating func checkSupport(_ profile: EffectiveProfile) -> Bool {
        guard profile.grant == .clientCredentials else {
            unsupported(
                profile.spec, "grant", "this version authorizes client_credentials only, not \(profile.grant.rawValue)")
            return false
        }
        guard let secret = profile.clientSecret else {
            unsupported(profile.spec, "client.id", "this version authenticates clients by client.secret only")
            return false
        }
        switch profile.clientAuthentication {
        case nil, .basic, .post: break
        case .privateKeyJWT, .some(.none):
            unsupported(
                profile.spec, "client.authentication",
                "this version sends secrets by client_secret_basic or client_secret_post only")
            return false
        }
        switch secret.location {
        case .environment, .file: return true
        case .command, .vault:
            unsupported(profile.spec, "client.secret", "this version reads secrets by fromEnv and fromFile only")
            return false
        }
    }

    /// Refuses fields that promise something which this version does not do: to ignore one would be worse.
    mutating func checkPromises(_ account: EffectiveAccount) {
        let promises: [(field: String, harmless: FieldValue?, message: String)] = [
            ("proof", .text("required"), "this version commits no account unproven"),
            ("recordIn", .text("local"), "this version keeps records locally only"),
            ("managedBy", .text("mailkeel"), "this version manages all fields or none"),
            ("lifecycle.ignoreChanges", nil, "this version ignores no changes"),
            ("lifecycle.onDestroy", .text("forget"), "this version only forgets what is destroyed"),
        ]
        for (field, harmless, message) in promises {
            guard let value = account.spec.value(field), value != harmless else { continue }
            unsupported(account.spec, field, message, help: "remove the line until a version supports it")
        }
    }

    /// Whether this version can prove the account; explains if not.
    mutating func checkSupport(_ account: EffectiveAccount) -> Bool {
        guard account.type == .imap else {
            unsupported(account.spec, "type", "this version logs in to imap only, not \(account.type.rawValue)")
            return false
        }
        guard account.authentication == .oauth2 else {
            unsupported(
                account.spec, "authentication",
                "this version logs in by oauth2 only, not by \(account.authentication.rawValue)")
            return false
        }
        guard account.security == .tls else {
            unsupported(
                account.spec, "connectionSecurity",
                "this version connects by tls only, not \(account.security.rawValue)")
            return false
        }
        guard account.mechanism == .xoauth2 else {
            unsupported(account.spec, "mechanism", "this version logs in by XOAUTH2 only")
            return false
        }
        guard account.spec.value("tls.pin") == nil else {
            unsupported(account.spec, "tls.pin", "this version does not check pins, and will not ignore one")
            return false
        }
        return true
    }

    private mutating func unsupported(
        _ spec: EffectiveSpec, _ field: String, _ message: String,
        help: String = "set active: false on the accounts that need it until a version supports it"
    ) {
        let diagnostic = Diagnostic(
            .error, "plan.not-supported", message, at: spec.place(of: field),
            help: help, address: spec.address, responsible: .manifestAuthor)
        if explained.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }
}
