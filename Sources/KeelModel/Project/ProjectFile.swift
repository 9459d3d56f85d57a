import KeelBase
import KeelDiagnostics

/// What the project file says: which files are read, which variables there are, and which environments.
package struct ProjectFile: Sendable {
    /// `metadata.name`.
    package let name: Located<String>
    /// Nil: every `*.yaml` and `*.yml` below the directory.
    package var manifests: [Located<ManifestPattern>]?
    package var variables: [String: DeclaredVariable] = [:]
    package var environments: [String: DeclaredEnvironment] = [:]
    package var policy = ProjectPolicy()

    init(name: Located<String>) { self.name = name }

    /// The file's names in the project's directory. There is one of them at most.
    package static let fileNames = ["mailkeel.yaml", "mailkeel.yml"]

    /// The members of `spec`.
    package static let members: [MemberDefinition] = [
        MemberDefinition(
            Member.manifests, .list(.value(.text)),
            "The files that are read, from the project's directory; * and ? stand for parts of a name, ** for any directories. Hidden paths are never read.",
            default: ["**/*.yaml", "**/*.yml"], example: ["accounts/**/*.yaml", "profiles.yaml"]),
        MemberDefinition(
            Member.variables, .map(.members(DeclaredVariable.members)),
            "The variables that manifests may name as ${var.NAME}, with what their values may be."),
        MemberDefinition(
            Member.environments, .map(.members(DeclaredEnvironment.members)),
            "The environments, one of which --env names; each has a state and a vault of its own."),
        MemberDefinition(
            Member.policy, .members(policyMembers), "What this project allows that is refused elsewhere."),
    ]

    static let policyMembers = [
        MemberDefinition(
            Member.clearText, .value(.choice(["refuse", "allow"])),
            "Whether accounts may use connectionSecurity: none; allow makes it a warning.", default: "refuse")
    ]

    /// The names of members of the file.
    enum Member {
        static let manifests = "manifests"
        static let variables = "variables"
        static let environments = "environments"
        static let policy = "policy"
        static let clearText = "clearText"
    }
}

/// A variable as the project file declares it.
package struct DeclaredVariable: Sendable {
    package let name: Located<String>
    package var type = VariableType.text
    package var defaultValue: Located<String>?
    /// The author's words.
    package var description: String?
    /// The only values; empty: any.
    package var oneOf: [String] = []
    /// Whether the value is a secret, which comes from the environment of the process only.
    package var isSensitive = false
    /// Whether the declaration has a mistake, so that nobody knows what a value may be.
    var isRefused = false

    init(_ name: Located<String>) { self.name = name }

    /// A name can stand in `${var.NAME}` and in the name of a variable of the process.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.count <= 63 && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0.isLetterOrDigit }
    }

    /// Whether the value is one of those that are allowed, whatever its type.
    func allows(_ text: String) -> Bool { oneOf.isEmpty || oneOf.contains(text) }

    /// The values that are allowed, for people.
    var choices: String {
        "one of \(oneOf.prefix(20).map(quoted).joined(separator: ", "))"
            + (oneOf.count > 20 ? " and \(oneOf.count - 20) more" : "")
    }

    static let members: [MemberDefinition] = [
        MemberDefinition(
            Member.type, .value(.choice(VariableType.allCases.map(\.rawValue))), "What the value must be.",
            default: "text"),
        MemberDefinition(
            Member.defaultValue, .scalar, "The value where nothing else gives one; never that of a sensitive variable."),
        MemberDefinition(Member.description, .value(.text), "What the variable is for, in your words."),
        MemberDefinition(Member.oneOf, .list(.scalar), "The only values that are allowed."),
        MemberDefinition(
            Member.sensitive, .value(.boolean),
            "Whether the value is a secret: it then comes from MAILKEEL_SECRET_NAME in the environment only, and only secret fields may name it.",
            default: false),
    ]

    /// The names of its members.
    enum Member {
        static let type = "type"
        static let defaultValue = "default"
        static let description = "description"
        static let oneOf = "oneOf"
        static let sensitive = "sensitive"
    }
}

/// An environment as the project file declares it.
package struct DeclaredEnvironment: Sendable {
    package let name: Located<String>
    /// Values of variables, each one of its type.
    package var variables: [String: Located<String>] = [:]
    package var state: Located<String>?
    package var vault: Located<String>?
    package var keeper: Located<String>?

    init(_ name: Located<String>) { self.name = name }

    /// The file with the state, from the project's directory.
    package var statePath: String { state?.value ?? ".mailkeel/\(name.value)/state.json" }

    /// The vault, from the project's directory.
    package var vaultPath: String { vault?.value ?? ".mailkeel/\(name.value)/vault.db" }

    /// A name can stand in paths: `..` is none.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isLetterOrDigit, text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || "-_.".utf8.contains($0) }
    }

    static let members: [MemberDefinition] = [
        MemberDefinition(Member.variables, .map(.scalar), "Values of variables in this environment."),
        MemberDefinition(
            Member.state, .value(.path),
            "The state file, from the project's directory; .mailkeel/NAME/state.json when omitted.",
            example: "state/prod.json"),
        MemberDefinition(
            Member.vault, .value(.path),
            "The vault, from the project's directory; .mailkeel/NAME/vault.db when omitted.",
            example: "/var/lib/mailkeel/prod/vault.db"),
        MemberDefinition(
            Member.keeper, .value(.text), "The keeper of accounts that name none with recordIn.", default: "local"),
    ]

    /// The names of its members.
    enum Member {
        static let variables = "variables"
        static let state = "state"
        static let vault = "vault"
        static let keeper = "keeper"
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
