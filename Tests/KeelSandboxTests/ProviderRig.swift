import KeelBase
import KeelCrypto
import KeelSandbox
import Synchronization
import Testing

/// The provider without a server, and a client that speaks to it by hand.
final class ProviderRig: Sendable {
    /// The example's public application.
    static let app = "mailkeel-sandbox-app"
    static let user = "support@sandbox.example"
    static let redirectURI = "http://127.0.0.1:50000/callback"
    static let issuer = "https://127.0.0.1:18443"
    /// RFC 7636 appendix B.
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    let time = AdjustableTime()
    private let lines = Lines()
    private let provider: any HTTPHandler

    init(_ configure: (inout SandboxOptions) -> Void = { _ in }) {
        var options = SandboxOptions()
        configure(&options)
        provider = Sandbox.provider(
            options, at: HostPort(host: "127.0.0.1", port: 18443), time: time,
            log: SandboxLog(time: time) { [lines] line in lines.append(line) })
    }

    var log: [String] { lines.all }

    /// Whether the log has such an event, with all of these members.
    func logged(_ event: String, _ members: String...) -> Bool {
        log.contains { line in
            line.contains("\"event\":\"\(event)\"") && members.allSatisfy(line.contains)
        }
    }

    func count(of event: String) -> Int { log.count { $0.contains("\"event\":\"\(event)\"") } }

    func get(_ path: String, _ query: [(String, String)] = [], bearer: String? = nil) async -> HTTPResponse {
        await provider.respond(
            to: IncomingRequest(
                method: "GET", path: path, query: query.isEmpty ? nil : encoded(query),
                headers: bearer.map { [("Authorization", "Bearer \($0)")] } ?? []))
    }

    /// Posts a form; `basic` is `id:secret`.
    func post(_ path: String, _ form: [(String, String)], basic: String? = nil) async -> HTTPResponse {
        var headers = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
        if let basic { headers.append(("Authorization", "Basic " + Base64.text(Array(basic.utf8)))) }
        return await provider.respond(
            to: IncomingRequest(method: "POST", path: path, headers: headers, body: Array(encoded(form).utf8)))
    }

    /// The parameters of a right authorization request.
    static func request(_ changes: (String, String?)...) -> [(String, String)] {
        let all = [
            ("client_id", app), ("response_type", "code"), ("redirect_uri", redirectURI), ("scope", "mail openid"),
            ("state", "s1"), ("code_challenge", challenge), ("code_challenge_method", "S256"), ("nonce", "n1"),
        ]
        let changed = all.compactMap { pair in
            guard let change = changes.first(where: { $0.0 == pair.0 }) else { return pair }
            return change.1.map { (pair.0, $0) }
        }
        return changed
            + changes.compactMap { change in
                guard !all.contains(where: { $0.0 == change.0 }) else { return nil }
                return change.1.map { (change.0, $0) }
            }
    }

    /// The parameters with which the authorization endpoint sends the person back.
    func answer(to query: [(String, String)]) async throws -> [String: String] {
        let response = await get("/authorize", query)
        #expect(response.status == 302)
        let location = try #require(response.header("Location"))
        let parts = location.split(separator: "?", maxSplits: 1)
        #expect(parts[0] == Self.redirectURI)
        return Dictionary(
            try #require(parts.last).split(separator: "&").map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(sides[0]), decoded(String(sides[1])))
            }
        ) { first, _ in first }
    }

    /// A new authorization code, as the person gives it.
    func code(_ changes: (String, String?)..., user: String = ProviderRig.user) async throws -> String {
        var query = Self.request()
        for (name, value) in changes {
            query.removeAll { $0.0 == name }
            if let value { query.append((name, value)) }
        }
        return try #require(try await answer(to: query + [("approve", user)])["code"])
    }

    func redeem(_ code: String, _ changes: (String, String)...) async -> HTTPResponse {
        var form = [
            ("grant_type", "authorization_code"), ("client_id", Self.app), ("code", code),
            ("redirect_uri", Self.redirectURI), ("code_verifier", Self.verifier),
        ]
        for change in changes { form = form.filter { $0.0 != change.0 } + [change] }
        return await post("/token", form.filter { !$0.1.isEmpty })
    }

    /// The first tokens of a new consent.
    func tokens(scope: String = "mail openid", user: String = ProviderRig.user) async throws -> JSON {
        try await redeem(try await code(("scope", scope), user: user)).json
    }

    func refresh(_ token: String, scope: String? = nil) async -> HTTPResponse {
        await post(
            "/token",
            [("grant_type", "refresh_token"), ("client_id", Self.app), ("refresh_token", token)]
                + (scope.map { [("scope", $0)] } ?? []))
    }

    private func encoded(_ pairs: [(String, String)]) -> String {
        pairs.map { encoded($0.0) + "=" + encoded($0.1) }.joined(separator: "&")
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.properties.isAlphabetic && byte < 128 || (48...57).contains(byte)
                ? String(scalar) : "%" + Hexadecimal.text([byte])
        }.joined()
    }

    private func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = Hexadecimal.decode(rest.prefix(2))?.first {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HTTPResponse {
    /// The body as JSON.
    var json: JSON { get throws { try JSON(parsing: body.reveal()) } }

    /// The `error` of the body.
    var error: String? { (try? json)?["error"]?.string }
}

extension JSON {
    /// The claims of an ID token, whose signature is not looked at.
    func claims(of name: String = "id_token") throws -> JSON {
        let parts = try #require(self[name]?.string).split(separator: ".")
        return try JSON(parsing: try #require(Base64.decode(parts[1].utf8, .url)))
    }

    func text(_ name: String) throws -> String { try #require(self[name]?.string) }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}
