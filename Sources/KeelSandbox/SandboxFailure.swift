import KeelBase
import KeelHTTPServer

/// Why the sandbox could not start.
package enum SandboxFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The issuer's path does not begin with `/`, ends with one, or cannot be part of a URL.
    case badIssuerPath(String)
    case certificate(ForeignText)
    case provider(HTTPServerStartFailure)
    case mail(MailPlace, HostPort, ConnectionFailure)
    /// A file of this name is there, and the sandbox did not write it.
    case foreignFile(path: String)
    /// The file of the client secret or of the mailboxes' password holds nothing that can be one.
    case unusableSecret(path: String)
    /// The user who should approve everything is none of the provider's.
    case unknownUser(String)
    /// A file that should hold a key or a password is missing, or holds none.
    case unusableKey(path: String)
    case file(FileFailure)

    /// A stable name for programs.
    package var code: String {
        switch self {
        case .badIssuerPath: "sandbox.bad_issuer_path"
        case .certificate: "sandbox.certificate"
        case .provider: "sandbox.provider"
        case .mail: "sandbox.mail"
        case .foreignFile: "sandbox.foreign_file"
        case .unusableSecret: "sandbox.unusable_secret"
        case .unknownUser: "sandbox.unknown_user"
        case .unusableKey: "sandbox.unusable_key"
        case .file: "sandbox.file"
        }
    }

    package var description: String {
        switch self {
        case .badIssuerPath(let path): "\"\(ForeignText(path))\" is no path for an issuer; write it as /name"
        case .certificate(let reason): "no certificate could be made: \(reason)"
        case .provider(let failure): "the OAuth provider could not start: \(failure)"
        case .mail(let place, let address, .other(let reason)):
            "the \(place.service.title) server could not listen on \(address): \(reason)"
        case .mail(let place, let address, let failure):
            "the \(place.service.title) server could not listen on \(address): \(failure)"
        case .foreignFile(let path):
            "\(path) is there already and was not written by the sandbox; choose another directory"
        case .unusableSecret(let path): "\(path) must hold a secret as one line of text"
        case .unknownUser(let name):
            "there is no user \"\(ForeignText(name))\" here; there are "
                + ExampleProject.users.map(\.name).joined(separator: ", ")
        case .unusableKey(let path):
            "\(path) must hold a public key or a certificate as PEM, of P-256 or of RSA with 2048 bits or more; or, for "
                + "--user-password, a password"
        case .file(let failure): failure.description
        }
    }
}

extension SandboxFailure {
    /// Runs `body`; what fails in the file system fails the sandbox.
    static func reporting<Result>(_ body: () throws(FileFailure) -> Result) throws(SandboxFailure) -> Result {
        do throws(FileFailure) {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}

extension SandboxFailure {
    /// Whether another port would do.
    package var isPortTaken: Bool {
        switch self {
        case .provider(.addressInUse), .mail: true
        default: false
        }
    }
}
