import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { migrate } from './database.ts'

const server = process.env.DATABASE_URL ?? ''

/** A new empty database beside the tests' own, and a way to ask it. */
async function emptyDatabase() {
  const name = `drydock_test_${randomUUID().slice(0, 8)}`
  const url = new URL(server)
  url.pathname = `/${name}`
  const ask = async (sql: string, at = url.href) => {
    const client = new pg.Client({ connectionString: at })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  await ask(`create database ${name}`, server)
  return {
    url: url.href,
    ask,
    [Symbol.asyncDispose]: async () => void (await ask(`drop database ${name} with (force)`, server)),
  }
}

const count = `select count(*)::int as n from information_schema.tables where table_name = 'Sandbox'`

it('migrates an empty database, and a migrated one again', async () => {
  await using database = await emptyDatabase()
  await migrate(database.url)
  await migrate(database.url)
  expect(await database.ask(count)).toEqual([{ n: 1 }])
}, 60_000)

it('migrates after a crash in the middle of a migration', async () => {
  await using database = await emptyDatabase()
  // As a crash leaves it: begun, not finished, and nothing of it done.
  await database.ask(`create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null,
    finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
    started_at timestamptz not null default now(), applied_steps_count integer not null default 0);
    insert into _prisma_migrations (id, checksum, migration_name) values ('1', 'x', '20261121115506_init')`)
  await migrate(database.url)
  expect(await database.ask(count)).toEqual([{ n: 1 }])
}, 60_000)
