// The first thing `npm start` and `npm test` run: plain JavaScript for whatever Node is there, as nothing is installed yet.
const major = Number.parseInt(process.versions.node, 10)
if (major < 20) {
  console.error(
    `\nDrydock's setup needs Node 20 or newer, and this is ${process.versions.node}: install one from nodejs.org (the newer Node that Drydock itself runs on comes by npm).\n`,
  )
  process.exit(1)
}
import('./setup.mjs').then((setup) => setup.main(process.argv[2], process.argv.slice(3)))
