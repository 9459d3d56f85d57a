import KeelBase
import KeelSystem

/// Why a secret could not be read from its source. Never holds the secret.
package struct SecretFailure: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case variableNotSet = "variable-not-set"
        case fileUnusable = "file-unusable"
        case sourceNotSupported = "source-not-supported"
        case empty
    }

    package let code: Code
    package let reason: String
    package let remedy: String
}

/// Reads secrets from where manifests say they are.
package struct SecretResolver: Sendable {
    private let environment: ProcessEnvironment
    private let located: @Sendable (String) -> String

    /// `located` turns a path that is relative to the project into one that this process can open.
    package init(environment: ProcessEnvironment, located: @escaping @Sendable (String) -> String) {
        self.environment = environment
        self.located = located
    }

    package func resolve(_ source: SecretSource) throws(SecretFailure) -> Secret {
        switch source.location {
        case .environment(let name):
            guard let secret = environment.secret(name) else {
                throw SecretFailure(
                    code: .variableNotSet, reason: "the environment variable \(ForeignText(name)) is not set",
                    remedy: "export it for this command, or store it in your CI's secret settings")
            }
            guard !secret.isEmpty else {
                throw SecretFailure(
                    code: .empty, reason: "the environment variable \(ForeignText(name)) is empty",
                    remedy: "set it to the secret; in CI, check that the job may see it")
            }
            return secret
        case .file(let path):
            do throws(SecretFileFailure) {
                return try SecretFile.read(located(path))
            } catch {
                throw SecretFailure(error)
            }
        case .command, .vault:
            throw SecretFailure(
                code: .sourceNotSupported, reason: "this version does not read secrets by \(source.key)",
                remedy: "use fromEnv or fromFile")
        }
    }
}

extension SecretFailure {
    fileprivate init(_ failure: SecretFileFailure) {
        let remedy =
            switch failure.code {
            case .missing: "create it with mode 0600"
            case .tooOpen: "run chmod 600 on it"
            case .empty: "write the secret into it"
            case .tooLarge, .notAFile: "name a regular file that holds the secret alone"
            case .inaccessible: "check the path and its permissions"
            }
        self.init(
            code: failure.code == .empty ? .empty : .fileUnusable, reason: failure.description, remedy: remedy)
    }
}
