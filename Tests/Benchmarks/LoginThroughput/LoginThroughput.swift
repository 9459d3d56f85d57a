import Glibc
import KeelBase
import KeelMail
import KeelNet
import Synchronization

/// The load of `Tests/Benchmarks/logins.c` through the product's own dialer and machines.
///
/// Takes the same arguments and prints the same: sessions, seconds, seconds of processor time.
@main
struct LoginThroughput {
    let endpoint: HostPort
    let trust: Trust
    let token: Secret
    let mailboxes: Int
    let sessions: Int
    let dialer = NetworkDialer(roots: TrustRoots())

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 7, let port = Int(words[1]), let mailboxes = Int(words[4]),
            let concurrency = Int(words[5]),
            let sessions = Int(words[6])
        else { exit(64) }
        let token = String(decoding: readAll(words[3]), as: UTF8.self)
        let load = LoginThroughput(
            endpoint: HostPort(host: "127.0.0.1", port: port), trust: Trust(caFile: words[2]),
            token: Secret(copying: Array(token.utf8)),
            mailboxes: mailboxes, sessions: sessions)
        let clock = ContinuousClock()
        let begun = clock.now
        try await load.run(concurrency)
        print(sessions, (clock.now - begun) / .seconds(1), processorSeconds())
    }

    func run(_ concurrency: Int) async throws {
        let begun = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<concurrency {
                group.addTask {
                    while true {
                        let number = begun.next()
                        guard number < sessions else { return }
                        try await withTaskExecutorPreference(dialer.executor()) { try await session(number) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func session(_ number: Int) async throws {
        let login = MailLogin(
            userName: "mailbox-\(number % mailboxes)@bench.test", credential: .accessToken(token),
            method: .sasl(.xoauth2))
        let stream = try await dialer.connect(
            to: endpoint, security: .tls(serverName: endpoint.host, trust), timeout: .seconds(30))
        var probe = MailProbe.make(
            for: .imap,
            ProbeOrder(endpoint: endpoint, security: .tls, login: login, endPoint: stream.opening.tls?.endPoint))
        var actions = probe.start()
        while true {
            for action in actions {
                switch action {
                case .send(let bytes, _): try await stream.write(bytes.reveal())
                case .farewell(let bytes, _): try? await stream.write(bytes.reveal())
                case .startTLS: break
                case .finished(.success): await stream.close(); return
                case .finished(.failure(let failure)): throw failure
                }
            }
            let bytes = try await stream.read()
            actions = bytes.isEmpty ? probe.receiveEnd() : probe.receive(bytes)
        }
    }
}

/// Gives each number once.
final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}

func readAll(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { exit(1) }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
    return Array(bytes.prefix(count))
}

func processorSeconds() -> Double {
    var usage = rusage()
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}
