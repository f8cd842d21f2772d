-- AlterTable
ALTER TABLE "Attempt" ADD COLUMN     "fittingHints" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "Sandbox" ADD COLUMN     "preparation" JSONB;

-- CreateTable
CREATE TABLE "Answer" (
    "attemptId" TEXT NOT NULL,
    "taskId" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "answeredAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "judgedAt" TIMESTAMP(3),

    CONSTRAINT "Answer_pkey" PRIMARY KEY ("attemptId","taskId")
);

-- CreateTable
CREATE TABLE "CheckReport" (
    "sandboxId" TEXT NOT NULL,
    "taskId" TEXT NOT NULL,
    "verdict" "VerdictValue",
    "evidence" TEXT NOT NULL,
    "judgedAt" TIMESTAMP(3),
    "text" TEXT NOT NULL DEFAULT '',
    "reportedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CheckReport_pkey" PRIMARY KEY ("sandboxId","taskId")
);

-- AddForeignKey
ALTER TABLE "Answer" ADD CONSTRAINT "Answer_attemptId_fkey" FOREIGN KEY ("attemptId") REFERENCES "Attempt"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CheckReport" ADD CONSTRAINT "CheckReport_sandboxId_fkey" FOREIGN KEY ("sandboxId") REFERENCES "Sandbox"("id") ON DELETE CASCADE ON UPDATE CASCADE;


