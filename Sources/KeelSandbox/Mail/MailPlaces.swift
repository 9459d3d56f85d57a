import KeelBase
import Synchronization

/// Where each port of the mail servers listens: known when it does, because it may be the system's choice.
final class MailPlaces: Sendable {
    private let endpoints = Mutex<[MailPlace: HostPort]>([:])

    subscript(_ place: MailPlace) -> HostPort? { endpoints.withLock { $0[place] } }

    func listens(_ place: MailPlace, at endpoint: HostPort) { endpoints.withLock { $0[place] = endpoint } }
}
