import FuzzDriver
import KeelBase
import KeelMail

/// Any lines as the challenges of a mechanism: as they are, and in base 64. The first byte chooses the mechanism (the lower half),
/// whether the connection has something to bind to (0x10), and whether the first line is the password (0x20 is not set).
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            let choice = bytes.first ?? 0
            let mechanism = SASLMechanism.allCases[Int(choice & 0x0F) % SASLMechanism.allCases.count]
            var lines = bytes.dropFirst().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let endPoint: [UInt8]? = choice & 0x10 == 0 ? nil : [1, 2, 3]
            let password = choice & 0x20 == 0 ? Secret(copying: Array(lines.removeFirst())) : nil
            exchange(mechanism, lines.map { Base64.encode(Array($0)) }, endPoint, password)
            exchange(mechanism, lines.map(Array.init), endPoint, password)
        }
    }

    private static let secret = "secret-for-fuzzing"

    /// `password`: any bytes, which need not be fit for one.
    private static func exchange(
        _ mechanism: SASLMechanism, _ challenges: [[UInt8]], _ endPoint: [UInt8]?, _ password: Secret?
    ) {
        let secret = password ?? Secret(copying: Self.secret)
        let isBearer = mechanism == .xoauth2 || mechanism == .oauthBearer
        guard
            var exchange = try? SASLExchange(
                mechanism, userName: "user@example.test",
                credential: isBearer ? .accessToken(secret) : .password(secret),
                endpoint: HostPort(host: "127.0.0.1", port: 993), offered: ["SCRAM-SHA-256-PLUS"],
                endPoint: endPoint, nonce: "nonce")
        else { return precondition(password != nil, "a usable credential is refused") }
        var answers = 0
        for challenge in challenges.prefix(8) {
            guard let line = try? exchange.answer(toBase64: challenge) else { break }
            answers += 1
            precondition(!line.shown.contains(Self.secret) && isClean(line.shown))
            precondition(line.text.reveal().allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a line that is not base 64")
        }
        precondition(answers <= 3, "a mechanism that never ends")
        if exchange.name.hasPrefix("SCRAM"), answers < 2 {
            precondition(exchange.doubt != nil, "success is believed before the server has proven itself")
        }
        guard let error = exchange.error else { return }
        precondition(exchange.doubt != nil && isClean(error.description))
        FuzzDriver.plantCrash(when: error.scope != nil && error.configuration != nil)
    }

    private static func isClean(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value >= 0x20 } }
}
