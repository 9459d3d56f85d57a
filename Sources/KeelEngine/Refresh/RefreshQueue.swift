import KeelBase
import KeelDiagnostics
import KeelVault

/// The grants that a pass has still to renew, by token endpoint: the most urgent one whose endpoint has a place is next.
struct RefreshQueue {
    private struct Lane {
        var waiting: [(place: Int, record: GrantRecord)] = []
        var first = 0
        var running = 0
        /// Why nothing more is asked there.
        var closed: RenewalFailure?
    }

    private let eachEndpoint: Int
    private var lanes: [String: Lane] = [:]
    private var endpoints: [GrantID: String] = [:]
    private var count = 0

    init(eachEndpoint: Int) { self.eachEndpoint = eachEndpoint }

    mutating func add(_ record: GrantRecord, endpoint: String) {
        lanes[endpoint, default: Lane()].waiting.append((count, record))
        endpoints[record.id] = endpoint
        count += 1
    }

    /// The next one to begin; nil: none can begin now. There are few endpoints, however many grants.
    mutating func next() -> GrantRecord? {
        var chosen: (endpoint: String, place: Int)?
        for (endpoint, lane) in lanes where lane.closed == nil && lane.running < eachEndpoint {
            guard lane.first < lane.waiting.count else { continue }
            let place = lane.waiting[lane.first].place
            if place < chosen?.place ?? .max { chosen = (endpoint, place) }
        }
        guard let chosen, var lane = lanes.removeValue(forKey: chosen.endpoint) else { return nil }
        let record = lane.waiting[lane.first].record
        lane.first += 1
        lane.running += 1
        lanes[chosen.endpoint] = lane
        return record
    }

    /// Gives a place back, and closes the endpoint where its answer says that nobody should ask.
    mutating func finish(_ row: RefreshReport.Row) {
        guard let endpoint = endpoints[row.record.id] else { return }
        lanes[endpoint]?.running -= 1
        if case .failed(let failure) = row.outcome, failure.closesEndpoint { lanes[endpoint]?.closed = failure }
    }

    /// What was not begun, in order, and why where an endpoint is the reason.
    var left: [(record: GrantRecord, reason: RenewalFailure?)] {
        lanes.values.flatMap { lane in
            lane.waiting[lane.first...].map { (place: $0.place, record: $0.record, reason: lane.closed) }
        }.sorted { $0.place < $1.place }.map { ($0.record, $0.reason) }
    }
}

extension RenewalFailure {
    /// Whether other grants of the same endpoint would fare no better just now.
    fileprivate var closesEndpoint: Bool {
        failure.diagnostic.code == GrantRenewer.endpointRests || failureClass == .throttled && !isOld
            || failure.provider?.stopsEndpoint == true
    }
}
