import KeelBase
import KeelProviders

/// The files of a first project, and what is left to do by hand.
package struct StarterProject: Sendable {
    /// A file by its path from the project's directory.
    package struct File: Sendable, Equatable {
        package let path: String
        package let text: String
    }

    /// The manifests, and the schema that editors complete by.
    package let files: [File]
    /// Environment variables to be set before the first apply: a name, and what it holds.
    package let variables: [(name: String, meaning: String)]
    /// Files to be put there before the first apply: a path, and what it holds.
    package let secretFiles: [(path: String, meaning: String)]

    /// What `.gitignore` must hold: the state and the vault, and the directory of secrets if there is one.
    package let ignored: [String]

    private static let modeline = "# yaml-language-server: $schema=.schema/mailkeel.schema.json\n"
    private static let profile = "mail"
    private static let clientSecret = "MAIL_CLIENT_SECRET"
    private static let password = "MAIL_PASSWORD"
    private static let secrets = "secrets/"
    private static let serviceAccount = "\(secrets)service-account.json"

    /// Nil unless every question is answered.
    package init?(_ interview: StarterInterview) {
        guard interview.next == nil else { return nil }
        let answers = interview.answers
        let grant = answers[.grant]?.first.flatMap(GrantType.init)
        let mailboxes = answers[.mailboxes] ?? []
        var files = [File(path: "mailkeel.yaml", text: Self.project(answers[.name]?.first ?? "mail"))]
        if let grant { files.append(File(path: "profiles.yaml", text: Self.profile(grant, interview))) }
        files.append(File(path: "accounts.yaml", text: Self.accounts(mailboxes, grant, interview)))
        files.append(
            File(path: ".schema/mailkeel.schema.json", text: JSONSchema.ofAnyKind.text(.pretty)))
        self.files = files
        variables =
            switch grant {
            case .clientCredentials?: [(Self.clientSecret, "the client secret of the application")]
            case nil:
                mailboxes.indices.map { (Self.variable($0, of: mailboxes.count), "the password of \(mailboxes[$0])") }
            case .authorizationCode?, .deviceCode?, .jwtBearer?, .password?: []
            }
        secretFiles = grant == .jwtBearer ? [(Self.serviceAccount, "the key of the service account, mode 0600")] : []
        ignored = [".mailkeel/"] + (secretFiles.isEmpty ? [] : [Self.secrets])
    }

    // MARK: Manifests

    private static func project(_ name: String) -> String {
        modeline + """
            apiVersion: mailkeel/v1
            kind: Project
            metadata:
              name: \(YAMLText(name))
            spec:
              manifests:
                - "**/*.yaml"

            """
    }

    private static func profile(_ grant: GrantType, _ interview: StarterInterview) -> String {
        let answers = interview.answers
        var lines = header("OAuthProfile", profile)
        if interview.preset == nil {
            lines += line("issuer", answers[.issuer]?.first)
        } else {
            lines += line("provider", answers[.provider]?.first)
            if interview.preset?.clouds.first?.name != interview.cloud?.name {
                lines += line("cloud", interview.cloud?.name)
            }
            lines += line("tenant", answers[.tenant]?.first)
        }
        lines += line("grant", grant.rawValue)
        lines += ["  client:", "    id: \(YAMLText(answers[.clientID]?.first ?? ""))"]
        switch grant {
        case .clientCredentials: lines.append("    secret: { fromEnv: \(clientSecret) }")
        case .jwtBearer: lines.append("  serviceAccount: { fromFile: \(serviceAccount) }")
        case .authorizationCode, .deviceCode, .password: break
        }
        return modeline + lines.joined(separator: "\n") + "\n"
    }

    private static func accounts(
        _ mailboxes: [String], _ grant: GrantType?, _ interview: StarterInterview
    ) -> String {
        let protocols = interview.answers[.protocols] ?? []
        var documents: [String] = []
        var names: Set<String> = []
        for (index, mailbox) in mailboxes.enumerated() {
            for type in protocols {
                var lines = header("EmailAccount", unique(name(mailbox, type), &names))
                lines += line("type", type) + line("userName", mailbox)
                if interview.preset == nil { lines += line("server", interview.answers[.server]?.first) }
                if grant != nil {
                    lines += line("oauthProfile", profile)
                } else {
                    lines += line("provider", interview.preset?.name)
                    if interview.preset?.clouds.first?.name != interview.cloud?.name {
                        lines += line("cloud", interview.cloud?.name)
                    }
                    lines.append("  password: { fromEnv: \(variable(index, of: mailboxes.count)) }")
                }
                documents.append(lines.joined(separator: "\n") + "\n")
            }
        }
        return modeline + documents.joined(separator: "---\n")
    }

    private static func header(_ kind: String, _ name: String) -> [String] {
        ["apiVersion: mailkeel/v1", "kind: \(kind)", "metadata:", "  name: \(YAMLText(name))", "spec:"]
    }

    private static func line(_ field: String, _ value: String?) -> [String] {
        value.map { ["  \(field): \(YAMLText($0))"] } ?? []
    }

    // MARK: Names

    /// `support-imap` for support@contoso.com; what names cannot hold becomes a hyphen.
    private static func name(_ mailbox: String, _ type: String) -> String {
        let local = mailbox.prefix { $0 != "@" }.utf8.prefix(48).map { byte in
            let isAllowed =
                (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || "-_.".utf8.contains(byte)
            return isAllowed ? Character(Unicode.Scalar(byte)) : "-"
        }
        return "\(String(local))-\(type)"
    }

    private static func unique(_ name: String, _ names: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(name)-\(number)"
            number += 1
        }
        return candidate
    }

    private static func variable(_ index: Int, of count: Int) -> String {
        count == 1 ? password : "\(password)_\(index + 1)"
    }
}
