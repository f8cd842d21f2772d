-- AlterTable
ALTER TABLE "Sandbox" ADD COLUMN "egress" JSONB;
