import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

/** Certificates made by openssl in a directory of their own. */
export class Authority {
  readonly ca: KeyPair;

  constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {
    this.ca = this.make("ca", ["-x509", "-days", "2"]);
  }

  /** @param days - for how long it is valid; less than 0: it has expired. */
  issue(name: string, subjectAltName: string, days = 2): KeyPair {
    const extensions = join(this.directory, `${this.name}-${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`);
    const file = (end: string) => join(this.directory, `${this.name}-${end}`);
    this.make(name, []);
    openssl(
      "x509",
      "-req",
      "-in",
      file(`${name}.pem`),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-days",
      String(days),
      "-extfile",
      extensions,
      "-out",
      file(`${name}.crt`),
    );
    return { cert: readFileSync(file(`${name}.crt`), "utf8"), key: readFileSync(file(`${name}.key`), "utf8") };
  }

  private make(name: string, options: string[]): KeyPair {
    const [cert, key] = [`${name}.pem`, `${name}.key`].map((end) => join(this.directory, `${this.name}-${end}`)) as [
      string,
      string,
    ];
    openssl(
      "req",
      "-new",
      ...options,
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      `/CN=${this.name} ${name}`,
      "-keyout",
      key,
      "-out",
      cert,
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  }
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}
