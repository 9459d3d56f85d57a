import FuzzDriver
import KeelBase
import KeelOAuth

/// Any bytes as what a device's provider answers: the code first, then the questions, parted by empty lines. And as a flow
/// that was kept.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            var now = Timestamp(seconds: 1_700_000_000)
            let bodies = parts(bytes)
            let answer = HTTPResponse(status: 200, body: Secret(copying: bodies[0]))
            guard var flow = (try? DeviceFlow(answer: answer, scopes: ["mail"], at: now)) ?? usual(now) else { return }
            precondition(flow.prompt.verificationURI.lowercased().hasPrefix("http"))
            precondition(flow.prompt.userCode.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            let first = flow.interval
            for (index, body) in bodies.dropFirst().enumerated() {
                let interval = flow.interval
                let status = [400, 200, 429, 503][index % 4]
                let step = flow.receive(HTTPResponse(status: status, body: Secret(copying: body)), at: now)
                precondition(flow.interval >= interval)
                if case .finished = step { FuzzDriver.plantCrash(when: flow.interval > first) }
                guard case .wait(let until) = step else { break }
                precondition(until > now && until <= flow.prompt.expiresAt)
                guard let back = try? DeviceFlow(record: flow.record), back.record.matches(flow.record) else {
                    fatalError("a flow that was kept is another one")
                }
                now = until
            }
            if let kept = try? DeviceFlow(record: Secret(copying: bytes)) { _ = kept.next(at: now) }
        }
    }

    private static func parts(_ bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = bytes[...]
        while let mark = rest.firstRange(of: Array("\n\n".utf8)), parts.count < 16 {
            parts.append(Array(rest[..<mark.lowerBound]))
            rest = rest[mark.upperBound...]
        }
        return parts + [Array(rest)]
    }

    private static func usual(_ now: Timestamp) -> DeviceFlow? {
        let body = #"{"device_code":"d","user_code":"U","verification_uri":"https://idp.example/","interval":1}"#
        return try? DeviceFlow(answer: HTTPResponse(status: 200, body: Secret(copying: body)), scopes: [], at: now)
    }
}
