-- CreateTable
CREATE TABLE "Fault" (
    "sandboxId" TEXT NOT NULL,
    "scene" TEXT NOT NULL,
    "faultId" TEXT NOT NULL,
    "askedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "injectedAt" TIMESTAMP(3),
    "failed" BOOLEAN NOT NULL DEFAULT false,
    "named" TEXT,
    "brokenAt" TIMESTAMP(3),
    "mendedAt" TIMESTAMP(3),

    CONSTRAINT "Fault_pkey" PRIMARY KEY ("sandboxId","scene")
);

-- AddForeignKey
ALTER TABLE "Fault" ADD CONSTRAINT "Fault_sandboxId_fkey" FOREIGN KEY ("sandboxId") REFERENCES "Sandbox"("id") ON DELETE CASCADE ON UPDATE CASCADE;


