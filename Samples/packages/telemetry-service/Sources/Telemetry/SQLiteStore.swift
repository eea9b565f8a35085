import GRDB

/// Readings in a SQLite database, which is read and written on threads of its own, not on a reactor's.
public struct SQLiteStore: ReadingStore {
    private let database: any DatabaseWriter

    /// Opens or creates a database, and brings its schema up to date.
    ///
    /// - Parameter path: The path of its file; nil for a database in memory.
    public init(path: String?) throws {
        database =
            if let path { try DatabasePool(path: path) } else { try DatabaseQueue() }
        var migrator = DatabaseMigrator()
        migrator.registerMigration("readings") { database in
            try database.create(table: "reading") { table in
                table.column("sensor", .text).notNull()
                table.column("time", .integer).notNull()
                table.column("value", .double).notNull()
            }
            try database.create(index: "reading_sensor_time", on: "reading", columns: ["sensor", "time"])
        }
        try migrator.migrate(database)
    }

    public func add(_ readings: [Reading]) async throws {
        try await database.write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO reading (sensor, time, value) VALUES (?, ?, ?)"
            )
            for reading in readings {
                try statement.execute(arguments: [reading.sensor, reading.time, reading.value])
            }
        }
    }

    public func latest(of sensor: String) async throws -> Reading? {
        try await database.read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT time, value FROM reading WHERE sensor = ? ORDER BY time DESC LIMIT 1",
                arguments: [sensor]
            ).map { Reading(sensor: sensor, value: $0["value"], time: $0["time"]) }
        }
    }

    public func summary(of sensor: String, since time: Int64) async throws -> Summary? {
        try await database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS count, min(value) AS minimum, avg(value) AS average, max(value) AS maximum
                    FROM reading WHERE sensor = ? AND time >= ?
                    """,
                arguments: [sensor, time]
            )
            guard let row, let minimum: Double = row["minimum"] else { return nil }
            return Summary(
                count: row["count"],
                minimum: minimum,
                average: row["average"],
                maximum: row["maximum"]
            )
        }
    }
}
